"""What a person tells an agent while it works: the words of both sides of the wire."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from services.contract.run_spec import Wire

LONGEST = 200_000  # characters on the wire; how much a person may say is the hub's to decide
OPENS = "A person tells you now, while you work. Take it into account from here on, and go on with your task:"


class Feedback(Wire):
    """`id` is the hub's: the same one said twice is one. `text` is as the model gets it, `words` as they were said."""

    id: int
    text: str = Field(min_length=1, max_length=LONGEST)
    words: str = Field(default="", max_length=LONGEST)


class FeedbackTaken(Wire):
    """`waiting` until the job's next step, `heard` before, or `over`: the job has ended and will not hear it."""

    state: Literal["waiting", "heard", "over"]


def words_of(said: Sequence[Feedback]) -> str:
    """As the model gets it."""
    return "\n\n".join([OPENS, *(one.text for one in said)])
