"""A question to a person, written in the form that an agent without tools is told. It is read, and never guessed."""

import re

from services.contract.asking import (
    CLOSES,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    OPENS,
    OPTION_CHARACTERS,
    QUESTION_CHARACTERS,
    AskedQuestion,
)

_FENCE = re.compile(r"`{3,}|~{3,}")
_OPTION = "- "


def questions_in(said: str) -> tuple[tuple[AskedQuestion, ...], str]:
    """The questions of an answer, and why one that was begun is none.

    A tag counts alone on its line and outside of code fences, where it would be the text of a file.
    """
    found: list[AskedQuestion] = []
    fault, fence = "", ""
    block: list[str] | None = None
    for line in said.splitlines():
        mark = line.strip()
        fenced = _FENCE.match(mark) if block is None else None
        if fence:
            closes = fenced is not None and fenced[0] == mark and mark.startswith(fence)
            fence = "" if closes else fence
        elif fenced is not None:
            fence = fenced[0]
        elif mark == OPENS:
            fault = fault or ("a question began within another one" if block is not None else "")
            block = []
        elif mark == CLOSES and block is not None:
            question, wrong = _question(block)
            if question is not None:
                found.append(question)
            fault, block = fault or wrong, None
        elif block is not None:
            block.append(line)
    if block is not None:
        fault = fault or f"it does not end with {CLOSES}"
    if len(found) > MOST_QUESTIONS:
        fault = fault or f"it has {len(found)} questions, and {MOST_QUESTIONS} are asked at once"
    return tuple(found[:MOST_QUESTIONS]), fault


def _question(lines: list[str]) -> tuple[AskedQuestion | None, str]:
    """Options are the lines at its end that begin with a dash."""
    kept = [line.strip() for line in lines if line.strip()]
    options: list[str] = []
    while kept and kept[-1].startswith(_OPTION):
        options.insert(0, kept.pop().removeprefix(_OPTION).strip())
    text = "\n".join(kept)
    if not text:
        return None, "the question has no words"
    if len(text) > QUESTION_CHARACTERS:
        return None, f"the question has {len(text)} characters, and {QUESTION_CHARACTERS} are the most"
    short = [option[:OPTION_CHARACTERS] for option in options if option]
    return AskedQuestion(text=text, options=tuple(dict.fromkeys(short))[:MOST_OPTIONS]), ""
