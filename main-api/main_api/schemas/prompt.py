"""What an agent would be told, on the wire."""

from pydantic import Field

from main_api.schemas.shape import Out


class SectionOut(Out):
    """`rank` 0 is never left out; of the others the highest goes first, later ones before earlier ones."""

    title: str
    tokens: int
    rank: int
    kept: bool


class PromptPreviewOut(Out):
    """`system` and `text` as the model would get them; `tokens` of both, and the `room` for them and the files that go
    along, in the context of `model`. `counted_by` is tokenizer, the model's own, or estimate."""

    stage: str
    role: str
    role_version: int
    principles_version: int
    model: str
    tokens: int
    room: int
    counted_by: str
    left_out: list[str]
    sections: list[SectionOut]
    system: str
    text: str = Field(examples=["Role: dev\nStage: dev\nTask: POC-1 Create hello.txt\n"])
