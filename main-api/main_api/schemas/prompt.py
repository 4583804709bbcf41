"""What an agent would be told, on the wire."""

from pydantic import Field

from main_api.schemas.shape import Out


class SectionOut(Out):
    """`rank` 0 is never left out; of the others the highest goes first, later ones before earlier ones.

    `budget`: the most tokens of its text, null: no bound of its own. `kept`: it is in the prompt; `cut`: a part of it
    only. `outside`: others wrote it, so that it stands in a fence. `text` is as the model gets it.
    """

    name: str = Field(examples=["criteria"])
    title: str = Field(examples=["Acceptance criteria"])
    tokens: int
    budget: int | None
    rank: int
    kept: bool
    cut: bool
    outside: bool
    text: str


class PromptPreviewOut(Out):
    """`system` and `text` as the model would get them; `tokens` of both, and the `room` for them and the files that go
    along, in the context of `model`. `counted_by` is tokenizer, the model's own, or estimate. `left_out` names sections
    that are not in it, and what was cut off others. `fence` is the number of this prompt's fences."""

    stage: str
    role: str
    role_version: int
    principles_version: int
    model: str
    tokens: int
    room: int
    counted_by: str
    left_out: list[str]
    fence: str
    sections: list[SectionOut]
    system: str
    text: str = Field(examples=["Role: dev\nStage: dev\nTask: POC-1 Create hello.txt\n"])
