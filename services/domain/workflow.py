"""A workflow: the stages a task goes through, as data. The code knows executors and gates, never a stage's name."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.domain.severity import Severity


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AiderStep(_Part):
    """Aider edits the task's worktree as the stage's role asks.

    It is given the files the task names and those its findings name; with `read_changed` the files the task's branch
    has changed, to read only, but for those that match `owns`, which it may go on editing. `edit` adds files to edit.
    Both are glob patterns. With `test_rounds` the project's command `test` runs after the edit; while it fails its
    output goes back to Aider, so often at most. What then still fails is for the gates of later stages.
    """

    executor: Literal["aider"]
    name: str = "edit"
    edit: tuple[str, ...] = ()
    owns: tuple[str, ...] = ()
    task_files: bool = True
    read_changed: bool = False
    test_rounds: int = Field(default=0, ge=0, le=10)


class ToolsStep(_Part):
    """A model with read or write tools answers what `produces` names; the answer is a claim, never evidence."""

    executor: Literal["tools"]
    name: str = "think"
    produces: Literal["plan", "criteria", "criteria_checks"]
    tools: tuple[Literal["grep", "glob", "read", "bash", "edit", "patch", "write"], ...] = ("grep", "glob", "read")


class CommandStep(_Part):
    """A command of the project, by its name in the project's settings (`test`, `e2e`, ...) ."""

    executor: Literal["command"]
    name: str = "command"
    command: str = "test"


class ScanStep(_Part):
    """Security scanners over the worktree, compared with the merge base."""

    executor: Literal["scan"]
    name: str = "scan"
    scanners: tuple[Literal["bandit", "detect-secrets"], ...] = ("bandit", "detect-secrets")


class HumanStep(_Part):
    """A person approves. Only as a stage's first step: a run never waits for a person."""

    executor: Literal["human"]
    name: str = "approval"


class MergeStep(_Part):
    """The approved branch is merged into the person's branch."""

    executor: Literal["merge"]
    name: str = "merge"


Step = Annotated[
    AiderStep | ToolsStep | CommandStep | ScanStep | HumanStep | MergeStep, Field(discriminator="executor")
]


class Gate(_Part):
    """What must hold before a task leaves the stage. Each rule reads facts that the stage's steps measured."""

    commands_pass: bool = False
    tests_required: bool = False
    changes_required: bool = False
    criteria_met: bool = False
    merged: bool = False
    findings_below: Severity | None = None


class StageLimits(_Part):
    """Seconds, counts. `poison` crashes of a worker on one run park its task."""

    run_seconds: float = Field(default=1800, gt=0)
    stall_seconds: float = Field(default=300, gt=0)
    poison: int = Field(default=3, ge=1)
    lost_retries: int = Field(default=5, ge=0)


class Stage(_Part):
    """One column of the board."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    title: str
    role: str | None = None
    steps: tuple[Step, ...] = ()
    gate: Gate = Gate()
    on_fail: str | None = None
    moved_target: str | None = Field(default=None, description="Where a task goes to be proven again when main moved")
    wip: int = Field(default=10, ge=1)
    on_target: bool = Field(default=False, description="The stage looks at the merged target, not at the task's branch")
    prompt: str = ""
    next_steps: str = ""
    done_definition: str = ""
    limits: StageLimits = StageLimits()

    @property
    def needs_person(self) -> bool:
        return bool(self.steps) and self.steps[0].executor == "human"

    @model_validator(mode="after")
    def _human_comes_first(self) -> "Stage":
        if any(step.executor == "human" for step in self.steps[1:]):
            raise ValueError(f"stage {self.name}: a human step must be the stage's first step")
        if any(step.executor in ("aider", "tools") for step in self.steps) and self.role is None:
            raise ValueError(f"stage {self.name}: a step with a model needs a role")
        return self


class Workflow(_Part):
    """The YAML definition, checked. The first stage is where tasks wait, the last is where they are done."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    title: str = ""
    start: str
    rounds: int = Field(default=4, ge=1, description="After this many failures a person decides")
    stages: tuple[Stage, ...] = Field(min_length=3)

    @model_validator(mode="after")
    def _stages_fit(self) -> "Workflow":
        names = [stage.name for stage in self.stages]
        if len(set(names)) != len(names):
            raise ValueError("two stages have the same name")
        for stage in self.stages:
            for target in (stage.on_fail, stage.moved_target):
                if target is not None and target not in names:
                    raise ValueError(f"stage {stage.name} goes back to {target}, which is no stage of this workflow")
        if self.start not in names[1:-1]:
            raise ValueError(f"start names {self.start}, which is no stage between the first and the last")
        if self.stages[0].steps or self.stages[-1].steps:
            raise ValueError("the first and the last stage hold tasks; they have no steps")
        return self

    @property
    def backlog(self) -> Stage:
        return self.stages[0]

    @property
    def done(self) -> Stage:
        return self.stages[-1]

    @property
    def merging(self) -> Stage | None:
        """The stage that brings the branch to the person's main; None where work leaves no commits."""
        return next((stage for stage in self.stages if any(step.executor == "merge" for step in stage.steps)), None)

    def is_behind_merge(self, name: str) -> bool:
        """Whether the stage looks at what was merged, or is where merged work ends."""
        names = [stage.name for stage in self.stages]
        return self.merging is not None and names.index(name) > names.index(self.merging.name)

    def stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)

    def has(self, name: str) -> bool:
        return any(stage.name == name for stage in self.stages)

    def after(self, name: str) -> Stage:
        """The stage that follows. The last stage is followed by itself."""
        names = [stage.name for stage in self.stages]
        return self.stages[min(names.index(name) + 1, len(names) - 1)]
