"""Workflows on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from main_api.schemas.shape import MAX_ID, Id, In, Out
from services.roles.definition import MAX_BYTES

SMALLEST = """\
name: small
start: dev
stages:
  - { name: backlog, title: Backlog }
  - name: dev
    title: DEV
    role: dev
    steps: [{ executor: aider }]
    gate: { changes_required: true }
  - { name: done, title: Done }
"""
Source = Annotated[
    str,
    StringConstraints(strip_whitespace=False, max_length=MAX_BYTES),
    Field(description="The YAML text, kept byte by byte", examples=[SMALLEST]),
]
FileName = Annotated[
    str, Field(min_length=1, max_length=200, description="How errors name the text", examples=["workflow.yaml"])
]


class WorkflowIn(In):
    """With `project_id` the workflow is that project's own, as `name@KEY`, and its new tasks go through it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"source": SMALLEST, "file": "small.yaml"}]})

    source: Source
    file: FileName = "workflow.yaml"
    project_id: Id | None = None
    based_on: Annotated[int, Field(ge=0, le=MAX_ID)] | None = Field(
        None,
        description="The version that the text was written from, 0 for none: where there is another newest one by now, "
        "the answer is 409 with its text in `current`",
        examples=[0],
    )


class WorkflowCheckIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"source": SMALLEST, "file": "small.yaml"}]})

    source: Source
    file: FileName = "workflow.yaml"


class LineFault(Out):
    """Something wrong in the text. Lines and columns count from 1."""

    where: str = Field(examples=["workflow.yaml:12"])
    what: str = Field(examples=["stage qa: a stage has no `gaet`; did you mean `gate`?"])
    line: int
    column: int


class WorkflowChecked(Out):
    """`faults` counts all of them, `errors` has the first ones in the order of the lines. `definition` is what the hub
    reads in a valid text, defaults included."""

    valid: bool
    name: str | None
    stages: list[str]
    faults: int
    errors: list[LineFault]
    definition: dict[str, Any] | None


class WorkflowOut(Out):
    """The newest version of a name. `project_id`: it is that project's own. Projects and open tasks may also go through
    older versions; `open_tasks` counts those of all versions."""

    name: str
    title: str
    version: int
    origin: str = Field(examples=["shipped"], description="shipped or imported")
    project_id: int | None
    stages: list[str]
    projects: int = Field(description="How many projects' new tasks go through a version of it")
    open_tasks: int
    created_at: datetime


class WorkflowVersion(Out):
    version: int
    sha256: str
    origin: str = Field(examples=["shipped"], description="shipped or imported")
    file: str
    created_at: datetime
    projects: int
    open_tasks: int


class WorkflowDetail(WorkflowOut):
    """`source` is the text as it was imported, `definition` what the hub reads in it, defaults included."""

    sha256: str
    file: str
    source: str
    definition: dict[str, Any]
    versions: list[WorkflowVersion]


class WorkflowImported(WorkflowDetail):
    """`new` is False where the newest version had this very text already. `notice` says what the import means."""

    new: bool
    notice: str


class StageField(Out):
    """A field that differs. A stage that is only in one of the two has null on the other side."""

    where: str = Field(examples=["stages.qa.gate.criteria_met"])
    old: Any
    new: Any


class WorkflowDiff(Out):
    name: str
    old: int
    new: int
    text: str = Field(description="A unified diff of the two texts")
    fields: list[StageField]


class WorkflowInUse(Out):
    workflow: str
    version: int
    tasks: int


class ProjectWorkflow(Out):
    """What a project's new tasks go through, and what its open ones began with. `file` tells how the workspace's file
    stands to what was taken from it: nothing of it counts before its owner takes it."""

    workflow: str
    version: int
    newest: int
    origin: str = Field(examples=["shipped"], description="shipped or imported")
    file: str
    file_state: Literal["none", "same", "differs", "missing"]
    in_use: list[WorkflowInUse]
    notice: str
