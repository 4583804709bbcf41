"""Tasks, and what hangs on them, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from main_api.schemas.model_choice import Models
from main_api.schemas.push import PushOut
from main_api.schemas.shape import Id, In, Out, Patch

Title = Annotated[str, Field(min_length=1, max_length=300, examples=["Create hello.txt"])]
Markdown = Annotated[str, StringConstraints(strip_whitespace=False, max_length=50_000)]  # kept as it was written
Sentence = Annotated[str, Field(max_length=2_000)]
Files = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1_000, examples=["hello.txt"])]],
    Field(max_length=200, description="Paths the task likely touches"),
]
StageName = Annotated[str, Field(min_length=1, max_length=31, examples=["dev"])]
Kind = Literal["feature", "bug", "docs", "test", "refactor", "research", "infra"]
ITS_MODELS = "For its runs, whatever their role; null: as its request, its project or the role says"
Priority = Annotated[int, Field(ge=1, le=10, description="10 is the most urgent")]


class CriterionIn(In):
    text: Sentence = Field(min_length=1, examples=["hello.txt says hello"])
    check: Sentence = Field(
        "", description="How it is checked; best the test that shows it", examples=["tests/test_hello.py::test_hello"]
    )


class TaskIn(In):
    project_id: Id
    title: Title
    description: Markdown = ""
    kind: Kind = "feature"
    priority: Priority = 5
    criteria: list[CriterionIn] = Field([], max_length=50)
    blocked_by: list[Id] = Field([], max_length=100, description="Tasks that must be done first")
    files: Files = Field([])
    parent_id: Id | None = Field(None, description="The task this one is a part of")
    stage: StageName | None = Field(None, description="Where it rests until it is triggered; the backlog when left out")
    models: Models | None = Field(None, description=ITS_MODELS)


class TaskPatch(Patch):
    title: Title = ""
    description: Markdown = ""
    kind: Kind = "feature"
    priority: Priority = 5
    files: Files = Field([])
    position: float = Field(0.0, ge=-1e15, le=1e15, description="Its place in the column, from the top")
    parent_id: Id | None = Field(None, description="The task this one is a part of; null for none")
    run_budget_usd: float | None = Field(
        None, ge=0, le=1e12, description="What each of its runs may cost, in US dollars; null: its project's limit"
    )
    models: Models | None = Field(None, description=ITS_MODELS)


class TriggerIn(In):
    """With `stage` and `merge`: this stage and its gate alone, then the merge."""

    stage: StageName | None = Field(None, description="Where to start; the task's own stage when left out")
    merge: bool = Field(False, description="Your approval of the merge, given beforehand")


class TaskOut(Out):
    """`waiting_reason` and `waiting_sentence` say what a person has to do, when the task waits for one."""

    id: int
    project_id: int
    plan_id: int | None
    parent_id: int | None
    key: str
    title: str
    description: str
    kind: str
    priority: int
    size: str
    created_by: str
    files: list[str]
    stage: str
    assignee_role: str | None
    state: str
    waiting_reason: str | None
    waiting_sentence: str
    retry_at: datetime | None = Field(description="Queued, its last run was lost: it does not start sooner")
    paused_at: datetime | None = Field(description="A person paused it by itself; GET /pause tells of all pauses")
    paused_by: str | None
    round: int
    position: float
    current_run_id: str | None
    branch: str | None
    base_sha: str | None
    head_sha: str | None
    merged_sha: str | None
    merged_at: datetime | None
    merge_granted: bool
    merge_after: str | None = Field(description="It is merged right after this stage, as a person said beforehand")
    run_budget_usd: float | None
    models: Models | None
    max_rounds: int | None = Field(description="After this many failures a person decides; null: the workflow's number")
    version: int
    created_at: datetime
    updated_at: datetime


class OriginOut(Out):
    """Where a task was brought in from. `project` is theirs, `mapping_id` the tie it came by."""

    provider: str
    title: str = Field(description="The tracker's name")
    project: str
    external_id: str
    url: str
    mapping_id: int
    imported_at: datetime


class TaskDetail(TaskOut):
    blocked_by: list[int] = Field(description="The tasks it waits for")
    subtasks: list[int] = Field(description="The tasks that are a part of it")
    push: PushOut | None = Field(description="How its merge stands on its way to the remote, if it goes there")
    origin: OriginOut | None = Field(description="The outside tracker it was brought in from, if it was")


class CriterionOut(Out):
    """`met` is null until a run or a person looked.

    `how`: `proven` by a test or command, `judged` by an agent, or `by_person`. `place` is where it shows: the test, the
    command, or `path:line` of the change or of a report. `run_id` found it so, `proof_id` is what shows it.
    """

    id: int
    position: int
    text: str
    check: str
    met: bool | None
    evidence: str
    how: Literal["proven", "judged", "by_person"] | None
    place: str
    run_id: str | None
    proof_id: int | None
    version: int


class CommentOut(Out):
    id: int
    task_id: int
    run_id: str | None
    author: str
    body: str = Field(description="Markdown, as it was written")
    feedback: Literal["waiting", "told", "heard"] | None = Field(
        description="Words to the agents: `waiting` to be heard, `told` (they lie with the running agent) or `heard`"
    )
    heard_at: datetime | None
    heard_run_id: str | None = Field(description="The run that heard it last")
    heard_how: Literal["live", "prompt"] | None = Field(description="While it ran, or with what it was asked")
    created_at: datetime
    updated_at: datetime
    version: int


class FindingOut(Out):
    """`on_base`: the merge base has it already. `own_task_id`: the task that a person made of it; here it counts no
    more. `round` is the one it was filed or opened again in, `last_round` the newest it was seen in."""

    id: int
    project_id: int
    task_id: int
    run_id: str | None
    fixed_run_id: str | None
    stage: str
    round: int
    tool: str
    rule: str
    severity: str
    title: str
    message: str
    file: str | None
    line: int | None
    state: str
    note: str
    last_round: int
    on_base: bool
    own_task_id: int | None
    duplicate_of_id: int | None
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


class WaiveIn(In):
    note: Annotated[Sentence, Field(min_length=1, examples=["Only our own tests call this."])]


class DuplicateIn(In):
    of: Id = Field(examples=[3])
    note: Sentence = ""


class DependenciesOut(Out):
    """Both directions of waiting."""

    blocked_by: list[TaskOut]
    blocks: list[TaskOut]


class FileChangeOut(Out):
    path: str
    old_path: str | None
    status: str
    added: int
    removed: int
    binary: bool


class DiffOut(Out):
    """What the task's branch changes; `patch_id` names this very change, null where there is none.
    `truncated`: the patch ends at a size limit, the list of files never does."""

    base_sha: str | None
    head_sha: str | None
    patch_id: str | None
    files: list[FileChangeOut]
    added: int
    removed: int
    patch: str
    truncated: bool


class EvidenceOut(Out):
    """One line of what is known of a change. Only `proven` rests on a command's exit code, a report or git.

    `judged` is a model's word, `missing` means that nothing has looked yet. `label` names the source in few letters.
    """

    state: Literal["proven", "judged", "missing", "failed"]
    sentence: str = Field(examples=["44 tests pass, 3 new"])
    proof_id: int | None
    label: str = Field(examples=["junit 9c1e"])
