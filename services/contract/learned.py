"""What an agent learned that later agents of the task shall know."""

from typing import Literal

from pydantic import Field

from services.contract.run_spec import Wire

MOST_LEARNED = 20  # of one step
LEARNED_CHARACTERS = 2_000


class Learned(Wire):
    kind: Literal["note", "decision", "file", "open"] = "note"
    text: str = Field(min_length=1, max_length=LEARNED_CHARACTERS)
