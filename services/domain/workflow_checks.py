"""What makes a well-formed workflow useless: stages nobody can leave, gates nobody can satisfy.

Asked of a text before it is taken, not of what is kept: tasks in flight keep the workflow they began with.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from services.domain.gate import DIFF_RULES
from services.domain.workflow import Misfit, Stage, ToolsStep, Workflow

EXECUTORS_FOR: dict[str, frozenset[str]] = {  # of these one must be in the stage, for the rule to have its fact
    "commands_pass": frozenset({"command"}),
    "tests_required": frozenset({"command"}),
    "changes_required": frozenset({"aider", "tools"}),
    "merged": frozenset({"merge"}),
    "approved": frozenset({"human"}),
    "findings_below": frozenset({"scan", "command", "tools"}),
    "coverage_at_least": frozenset({"command"}),
    "coverage_drop": frozenset({"command"}),
    "lint_at_most": frozenset({"command"}),
    "lint_not_worse": frozenset({"command"}),
    "paths": frozenset({"aider", "tools"}),
}
STEP_NAME = re.compile(r"[a-z0-9_-]{1,60}")
WRITES = frozenset({"bash", "edit", "patch", "write"})


def faults_in(workflow: Workflow, roles: Collection[str] | None = None) -> Iterator[Misfit]:
    """Each place and what is wrong there. `roles` are those there are; None does not look."""
    for number, stage in enumerate(workflow.stages):
        place = ("stages", number)
        yield from _role(stage, place, roles)
        yield from _steps(stage, place)
        yield from _gate(stage, place)
        yield from _way_back(workflow, number)
        yield from _way_on(workflow, number)
    yield from _merges(workflow)


def _role(stage: Stage, place: tuple[str | int, ...], roles: Collection[str] | None) -> Iterator[Misfit]:
    if stage.role is None or roles is None or stage.role in roles:
        return
    near = get_close_matches(stage.role, list(roles), n=1)
    meant = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(sorted(roles))}"
    yield (*place, "role"), f"there is no role `{stage.role}`; {meant}"


def _steps(stage: Stage, place: tuple[str | int, ...]) -> Iterator[Misfit]:
    names = [step.name for step in stage.steps]
    for number, name in enumerate(names):
        at = (*place, "steps", number, "name")
        if name in names[:number]:
            yield at, f"two steps have the name `{name}`: give each its own"
        if not STEP_NAME.fullmatch(name):
            yield at, f"a step's name has small letters, digits, - and _, 60 at most, not `{name}`"
        elif name.endswith("-base"):
            yield at, "a step's name may not end in -base: so the hub names the same command at the merge base"


def _gate(stage: Stage, place: tuple[str | int, ...]) -> Iterator[Misfit]:
    """Rules that no step of the stage gives a fact for."""
    executors = {step.executor for step in stage.steps}
    for rule in stage.gate.rules:
        at = (*place, "gate", rule)
        needed = EXECUTORS_FOR.get(rule)
        if not stage.steps:
            yield at, f"`{rule}` can't be satisfied: the stage has no steps"
        elif needed is not None and not needed & executors:
            kinds = " or ".join(f"`{kind}`" for kind in sorted(needed))
            yield at, f"`{rule}` can't be satisfied: the stage has no {kinds} step"
        elif rule in ("changes_required", "paths") and not _edits(stage):
            yield at, f"`{rule}` can't be satisfied: no step of the stage may write"
        elif rule == "criteria_met" and not _judges(stage):
            yield at, "`criteria_met` can't be satisfied: no step of the stage produces criteria_checks"
        if stage.on_target and (rule in DIFF_RULES or rule in ("paths", "changes_required")):
            yield at, f"`{rule}` is about the task's branch, and this stage looks at what is merged"


def _way_back(workflow: Workflow, number: int) -> Iterator[Misfit]:
    """A failure goes back, to where something can be changed: else it fails for ever."""
    stage, names = workflow.stages[number], [stage.name for stage in workflow.stages]
    for field in ("on_fail", "moved_target"):
        target = getattr(stage, field)
        if target not in names:
            continue
        at, place = names.index(target), ("stages", number, field)
        if at > number:
            yield place, f"`{field}` jumps forward to {target}: a failure must go to an earlier stage, or stay"
        elif at == 0:
            yield place, f"`{field}` goes to {target}, where tasks only wait: name a stage that works"
        elif field == "on_fail" and at < number and not any(_edits(s) for s in workflow.stages[at : number + 1]):
            yield place, f"`on_fail` goes in a circle: between {target} and {stage.name} no step changes anything"


def _way_on(workflow: Workflow, number: int) -> Iterator[Misfit]:
    """Where transitions are named, the run's own ways must be among them, and the end within reach."""
    stage = workflow.stages[number]
    if stage.transitions is None:
        return
    place = ("stages", number, "transitions")
    if stage is not workflow.done and not _reaches_end(workflow, stage):
        yield place, f"from {stage.name} a task could never reach {workflow.done.name}"
        return
    for target, why in _own_ways(workflow, number):
        if target not in stage.transitions:
            yield place, f"`{target}` is missing: {why}"


def _own_ways(workflow: Workflow, number: int) -> Iterator[tuple[str, str]]:
    stage = workflow.stages[number]
    if stage is workflow.done:
        return
    yield workflow.after(stage.name).name, "a task that passes goes there"
    if number == 0:
        yield workflow.start, "a task of a plan starts there"
    if stage.on_fail:
        yield stage.on_fail, "a task that fails goes there"
    elif stage.needs_person:
        yield workflow.start, "a task whose approver asks for changes goes there"
    if any(step.executor == "merge" for step in stage.steps):
        yield stage.moved_target or workflow.start, "a task goes there when main moved"


def _reaches_end(workflow: Workflow, stage: Stage) -> bool:
    names = [s.name for s in workflow.stages]
    seen, todo = set[str](), [stage.name]
    while todo:
        name = todo.pop()
        if name == workflow.done.name:
            return True
        if name not in seen:
            seen.add(name)
            allowed = workflow.stage(name).transitions
            todo += names if allowed is None else [to for to in allowed if to in names]
    return False


def _merges(workflow: Workflow) -> Iterator[Misfit]:
    merging = [n for n, stage in enumerate(workflow.stages) if any(s.executor == "merge" for s in stage.steps)]
    deploying = [number for number, stage in enumerate(workflow.stages) if stage.deploys]
    for number in deploying[1:]:
        yield ("stages", number, "steps"), "only one stage may deploy, and an earlier one does"
    for number in merging[1:]:
        yield ("stages", number, "steps"), "only one stage may merge, and an earlier one does"
    for number, stage in enumerate(workflow.stages):
        behind = bool(merging) and number > merging[0]
        place = ("stages", number)
        if number in merging and not stage.needs_person:
            yield (*place, "steps"), "a merge needs a person's word: begin the stage with { executor: human }"
        if stage.on_target and not behind:
            yield (*place, "on_target"), "only a stage behind the merge can look at what was merged"
        if behind and stage is not workflow.done and not stage.on_target:
            yield (*place, "name"), f"{stage.name} is behind the merge, where only what is merged is left: on_target"
        if stage.deploys and not behind:
            yield (*place, "steps"), "only a stage behind the merge can deploy"
        if behind and _edits(stage):
            yield (*place, "steps"), "behind the merge nothing can be edited"


def _edits(stage: Stage) -> bool:
    return any(s.executor == "aider" or (isinstance(s, ToolsStep) and WRITES & set(s.tools)) for s in stage.steps)


def _judges(stage: Stage) -> bool:
    return any(isinstance(step, ToolsStep) and step.produces == "criteria_checks" for step in stage.steps)
