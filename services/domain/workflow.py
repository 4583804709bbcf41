"""A workflow: the stages a task goes through, as data. The code knows executors and gates, never a stage's name."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from services.domain.gate import Gate as Gate
from services.domain.gate import Part

Words = Annotated[str, Field(max_length=20_000)]


class AiderStep(Part):
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


class ToolsStep(Part):
    """A model with read or write tools answers what `produces` names; the answer is a claim, never evidence.

    What its tools change is committed on the task's branch; with `writes: tests` they change files of tests alone.
    `prompt` is added to the stage's for this step. `when: criteria_without_test`: only where a step before it in this
    run named no test for a criterion.
    """

    executor: Literal["tools"]
    name: str = "think"
    produces: Literal["plan", "criteria", "criteria_checks", "report"]
    tools: tuple[Literal["grep", "glob", "read", "bash", "edit", "patch", "write"], ...] = ("grep", "glob", "read")
    writes: Literal["anything", "tests"] = "anything"
    when: Literal["always", "criteria_without_test"] = "always"
    prompt: str = ""

    @property
    def edits(self) -> bool:
        return bool({"bash", "edit", "patch", "write"}.intersection(self.tools))

    @model_validator(mode="after")
    def _is_confined(self) -> "ToolsStep":
        if self.writes == "tests" and (wide := {"bash", "patch"}.intersection(self.tools)):
            raise ValueError(f"a step that writes tests alone cannot have {', '.join(sorted(wide))}")
        return self


class CommandStep(Part):
    """A command of the project, by its name in the project's settings (`test`, `e2e`, ...) ."""

    executor: Literal["command"]
    name: str = "command"
    command: str = "test"


class ScanStep(Part):
    """Security scanners over the worktree, compared with the merge base."""

    executor: Literal["scan"]
    name: str = "scan"
    scanners: tuple[Literal["bandit", "detect-secrets", "pip-audit", "npm-audit"], ...] = ("bandit", "detect-secrets")


class HumanStep(Part):
    """A person approves. Only as a stage's first step: a run never waits for a person."""

    executor: Literal["human"]
    name: str = "approval"


class MergeStep(Part):
    """The approved branch is merged into the person's branch."""

    executor: Literal["merge"]
    name: str = "merge"


class DeployStep(Part):
    """What was merged is deployed by the project's deploy command, where it has one; nothing happens where it has not.

    Only behind the merge. A commit that is deployed already is not deployed again.
    """

    executor: Literal["deploy"]
    name: str = "deploy"


Step = Annotated[
    AiderStep | ToolsStep | CommandStep | ScanStep | HumanStep | MergeStep | DeployStep,
    Field(discriminator="executor"),
]


class StageLimits(Part):
    """Seconds, counts; what is left out is the hub's setting (STAGE_RUN_SECONDS, ...).

    `run_seconds` bounds a step, `stall_seconds` how long it may show no progress; `poison` crashes of a worker on one
    run park its task, `lost_retries` runs in a row that were lost too.
    """

    run_seconds: float | None = Field(default=None, gt=0, le=86_400)
    stall_seconds: float | None = Field(default=None, gt=0, le=86_400)
    poison: int | None = Field(default=None, ge=1, le=100)
    lost_retries: int | None = Field(default=None, ge=0, le=100)


class Stage(Part):
    """One column of the board."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    title: str = Field(min_length=1, max_length=60)
    role: str | None = None
    steps: tuple[Step, ...] = Field(default=(), max_length=20)
    gate: Gate = Gate()
    on_fail: str | None = None
    moved_target: str | None = Field(default=None, description="Where a task goes to be proven again when main moved")
    transitions: tuple[str, ...] | None = Field(
        default=None, description="The stages a task may be moved to from here; without it any that its merge allows"
    )
    wip: int = Field(default=10, ge=1)
    on_target: bool = Field(default=False, description="The stage looks at the merged target, not at the task's branch")
    prompt: Words = ""
    next_steps: Words = ""
    done_definition: Words = ""
    expected_outputs: tuple[Words, ...] = Field(default=(), max_length=50)
    limits: StageLimits = StageLimits()

    @property
    def needs_person(self) -> bool:
        return bool(self.steps) and self.steps[0].executor == "human"

    @property
    def deploys(self) -> bool:
        return any(step.executor == "deploy" for step in self.steps)

    def lets_go_to(self, name: str) -> bool:
        """Whether a task may be moved from here to the stage of that name."""
        return self.transitions is None or name in self.transitions


class Workflow(Part):
    """The YAML definition, checked. The first stage is where tasks wait, the last is where they are done."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    title: str = Field(default="", max_length=120)
    start: str
    rounds: int = Field(default=4, ge=1, le=100, description="After this many failures a person decides")
    stages: tuple[Stage, ...] = Field(min_length=3, max_length=50)

    @model_validator(mode="after")
    def _stages_fit(self, info: ValidationInfo) -> "Workflow":
        """What the code relies on. A list as the context is given them all; else they are raised."""
        faults = list(misfits(self))
        if isinstance(info.context, list):
            info.context.extend(faults)  # pyright: ignore[reportUnknownMemberType]
        elif faults:
            raise ValueError("; ".join(sentence for _, sentence in faults))
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


Misfit = tuple[tuple[str | int, ...], str]
"""Where in the definition (`("stages", 2, "on_fail")`), and a sentence."""


def misfits(workflow: Workflow) -> Iterator[Misfit]:
    """What makes a workflow unusable, whoever wrote it and whenever."""
    names = [stage.name for stage in workflow.stages]
    for number, stage in enumerate(workflow.stages):
        place = ("stages", number)
        if stage.name in names[:number]:
            yield (*place, "name"), f"two stages have the same name: {stage.name}"
        if any(step.executor == "human" for step in stage.steps[1:]):
            yield (*place, "steps"), f"stage {stage.name}: a human step must be the stage's first step"
        if any(step.executor in ("aider", "tools") for step in stage.steps) and stage.role is None:
            yield place, f"stage {stage.name}: a step with a model needs a role"
        for field in ("on_fail", "moved_target"):
            target = getattr(stage, field)
            if target is not None and target not in names:
                yield (*place, field), f"stage {stage.name} goes back to {target}, which is no stage of this workflow"
        for at, target in enumerate(stage.transitions or ()):
            if target not in names:
                yield (*place, "transitions", at), f"stage {stage.name} lets tasks go to {target}, which is no stage"
    if workflow.start not in names[1:-1]:
        yield ("start",), f"start names {workflow.start}, which is no stage between the first and the last"
    for number in (0, len(names) - 1):
        if workflow.stages[number].steps:
            yield ("stages", number, "steps"), "the first and the last stage hold tasks; they have no steps"
