"""What a person says about a task, on the wire: where it shall stand, what must hold, a comment."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from main_api.schemas.shape import Id, In, Out, Patch
from main_api.schemas.task import CriterionIn, Markdown, Sentence, StageName

Note = Annotated[Markdown, Field(description="Becomes a comment, which the next run reads", examples=["Once more."])]


class SetStageIn(In):
    stage: StageName
    note: Note = ""


class AdvanceIn(In):
    note: Note = ""


class CancelIn(In):
    note: Markdown = Field("", max_length=2_000, description="Why", examples=["We do it otherwise."])


class MoveIn(In):
    """A card's new stage and place. Cards of a column are shown by priority, then in this order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"task_id": 1, "stage": "dev", "before_id": 2}]})

    task_id: Id
    stage: StageName
    before_id: Id | None = Field(
        None, description="The card that shall come right below; of the same project and stage"
    )
    after_id: Id | None = Field(None, description="The card that shall come right above")


class DependenciesIn(In):
    blocked_by: list[Id] = Field(min_length=1, max_length=100, description="Tasks that must be done first")


class NewCriterionIn(CriterionIn):
    position: int | None = Field(None, ge=1, le=1_000, description="Its number among the others; last when left out")


class CriterionPatch(Patch):
    """`met` is your word; with `proof_id` it is shown by one of the task's proofs."""

    text: Sentence = Field("", min_length=1, examples=["hello.txt says hello"])
    check: Sentence = ""
    met: bool | None = None
    evidence: Sentence = ""
    proof_id: Id | None = None
    position: int = Field(1, ge=1, le=1_000)


class CommentIn(In):
    body: Markdown = Field(min_length=1, examples=["The **total** belongs in the last line."])


class CommentPatch(Patch):
    body: Markdown = Field("", min_length=1, examples=["The **tax** belongs in the last line."])


class StageVisitOut(Out):
    """One stay at a stage. `seconds` counts until now where the task still stands there."""

    stage: str
    entered_at: datetime
    left_at: datetime | None
    seconds: float
    by: str = Field(description="Who brought it there", examples=["dev"])
    sent_back: bool
    runs: int = Field(description="How many runs it had there during this stay")


class SessionEntryOut(Out):
    """A run of the task that came to an end. Later rounds of its role are told of it."""

    run_id: str
    role: str | None
    stage: str
    round: int
    attempt: int
    state: str = Field(examples=["failed"])
    account: str = Field(description="What it said on the task: its steps, how they ended, its files")
    files_touched: list[str]
    commit: str | None
    model: str | None
    tokens_in: int
    tokens_out: int
    cost: float = Field(description="US dollars")
    started_at: datetime | None
    finished_at: datetime | None


class QueuedOut(Out):
    """A task that waits for its turn. `place` counts from 1; blocked tasks have none."""

    place: int | None
    task_id: int
    project_id: int
    key: str
    title: str
    stage: str
    state: str
    priority: int
    urgency: float = Field(description="Priority, and one more for each ten minutes of waiting")
    queued_at: datetime | None
    run_id: str | None = Field(description="The run a person started, which begins when its turn comes")
    sentence: str = Field(description="Why it waits", examples=["DEV is full: 5 of 5."])
