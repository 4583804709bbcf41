"""Questions to a person in an answer's text: read in their form alone."""

import pytest

from agent_api.executors.asked_in_words import questions_in
from services.contract.asking import HOW_TO_ASK, MOST_QUESTIONS

ASKED = "<ask-person>\nEuro or dollar?\n- Euro\n- Dollar\n</ask-person>"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (ASKED, [("Euro or dollar?", ("Euro", "Dollar"))]),
        (f"I have to know first.\n\n{ASKED}\n", [("Euro or dollar?", ("Euro", "Dollar"))]),
        ("<ask-person>\nWhich of\n- a\n- b\nis it?\n</ask-person>", [("Which of\n- a\n- b\nis it?", ())]),
        (f"{ASKED}\n<ask-person>\nWhen?\n</ask-person>", [("Euro or dollar?", ("Euro", "Dollar")), ("When?", ())]),
        (f"a.md\n```\n{ASKED}\n```", []),  # a file's text
        (f"a.md\n````\n```\n{ASKED}\n```\n````", []),
        ("Shall I use <ask-person> here? Euro or dollar?", []),
        ("Should the total be in euro?", []),
    ],
)  # fmt: skip
def test_only_the_stated_form_is_a_question(said: str, asked: list[tuple[str, tuple[str, ...]]]) -> None:
    found, fault = questions_in(said)
    assert ([(one.text, one.options) for one in found], fault) == (asked, "")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("<ask-person>\nEuro or", "does not end"),
        ("<ask-person>\n\n</ask-person>", "no words"),
        (f"<ask-person>\n{'x' * 2_001}\n</ask-person>", "2001 characters"),
        ("\n".join([ASKED] * (MOST_QUESTIONS + 1)), "6 questions"),
        (f"<ask-person>\nWhich?\n{ASKED}", "within another"),
    ],
)
def test_what_is_only_like_a_question_is_told(said: str, why: str) -> None:
    assert why in questions_in(said)[1]


def test_what_agents_are_told_is_what_is_read() -> None:
    assert len(questions_in(HOW_TO_ASK)[0]) == 1
