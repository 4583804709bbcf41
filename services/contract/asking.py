"""What an agent asks of a person, and what it wants made: the words of both sides of the wire."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from services.contract.run_spec import Wire

MOST_QUESTIONS = 5  # of one run
QUESTION_CHARACTERS = 2_000
MOST_OPTIONS = 8
OPTION_CHARACTERS = 200
SHOWN = 300
OPENS, CLOSES = "<ask-person>", "</ask-person>"
HOW_TO_ASK = f"""\
When the task depends on something that you cannot know and that no file tells, do not guess: a person answers you.
Change no file then, and answer with nothing but this, each tag on a line of its own:
{OPENS}
Your question, in a sentence or two
- one possible answer
- another one
{CLOSES}"""


class AskedQuestion(Wire):
    """`options` are answers that the agent offers; the person may say something else."""

    text: str = Field(min_length=1, max_length=QUESTION_CHARACTERS)
    options: tuple[str, ...] = Field(default=(), max_length=MOST_OPTIONS)


def sentence_of(questions: Sequence[AskedQuestion]) -> str:
    """What a card says while it waits for the answer."""
    more = f" (and {len(questions) - 1} more)" if len(questions) > 1 else ""
    words = " ".join(questions[0].text.split())
    return f"It asks: {words if len(words) <= SHOWN else f'{words[:SHOWN]}…'}{more}"


class Wanted(Wire):
    """A task or a bug, made by the hub when the run ends; with `refused` it is only told, and why it is not made."""

    kind: Literal["task", "bug"]
    title: str = Field(min_length=1, max_length=300)
    description: str = Field(default="", max_length=10_000)
    criteria: tuple[str, ...] = Field(default=(), max_length=12)
    files: tuple[str, ...] = Field(default=(), max_length=50)
    priority: int = Field(default=5, ge=1, le=10)
    severity: Literal["critical", "high", "medium", "low"] = "medium"
    refused: str = ""
