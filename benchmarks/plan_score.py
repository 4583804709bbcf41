"""Scores a plan by what its request says a good one has: valid, covers, ordered, sized; each 0 to 1."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.plans.check import doubts, faults
from services.plans.drafts import PlanDraft, TaskDraft

REQUESTS = Path(__file__).with_name("plan_requests.yaml")
SIZES = "SML"


class Wanted(BaseModel):
    """One request and the properties of its plan; see plan_requests.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    text: str
    kind: str = "idea"
    single: bool = False
    tasks: tuple[int, int]
    covers: tuple[tuple[str, ...], ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    largest: str = "L"
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """`misses` are sentences on what is not as it should be."""

    valid: float
    covers: float
    ordered: float
    sized: float
    misses: list[str] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return (self.valid + self.covers + self.ordered + self.sized) / 4


def requests() -> list[Wanted]:
    return [Wanted.model_validate(one) for one in yaml.safe_load(REQUESTS.read_text(encoding="utf-8"))]


def score(wanted: Wanted, plan: PlanDraft | None) -> Score:
    """None, where there was no plan at all, scores nothing."""
    if plan is None:
        return Score(0, 0, 0, 0, ["There is no plan."])
    text = plan.model_dump_json().casefold()
    wrong = faults(plan)
    uncovered = [group for group in wanted.covers if not any(word.casefold() in text for word in group)]
    uncovered += [(f"not {word}",) for word in wanted.never if word.casefold() in text]
    unordered = [f"{first} comes before {then}" for first, then in wanted.before if not _waits(plan, then, first)]
    for one, other in wanted.apart:
        if _waits(plan, one, other) or _waits(plan, other, one):
            unordered.append(f"{one} and {other} do not wait for each other")
    unsized = list(_unsized(wanted, plan))
    return Score(
        valid=float(not wrong),
        covers=_share(len(uncovered), len(wanted.covers) + len(wanted.never)),
        ordered=_share(len(unordered), len(wanted.before) + len(wanted.apart)),
        sized=_share(len(unsized), 4),
        misses=[*wrong, *(f"It lacks: {' or '.join(group)}." for group in uncovered),
                *(f"It should be so: {one}." for one in unordered), *unsized],
    )  # fmt: skip


def _unsized(wanted: Wanted, plan: PlanDraft) -> list[str]:
    least, most = wanted.tasks
    found = doubts(plan, single=wanted.single)[:1]
    if not least <= len(plan.tasks) <= most:
        found.append(f"It has {len(plan.tasks)} tasks, and {least} to {most} would do.")
    if any(SIZES.index(task.size) > SIZES.index(wanted.largest) for task in plan.tasks):
        found.append(f"A task is larger than {wanted.largest}.")
    if wanted.kinds and not {task.kind for task in plan.tasks} & set(wanted.kinds):
        found.append(f"No task is of the kind {' or '.join(wanted.kinds)}.")
    return found


def _waits(plan: PlanDraft, word: str, other: str) -> bool:
    """Whether a task about the one waits, at any remove, for one about the other."""
    tasks = {task.id: task for task in plan.tasks}
    for task in plan.tasks:
        todo, seen = list(task.depends_on) if _about(task, word) else [], set[str]()
        while todo:
            name = todo.pop()
            if name in tasks and name not in seen:
                seen.add(name)
                if _about(tasks[name], other):
                    return True
                todo += tasks[name].depends_on
    return False


def _about(task: TaskDraft, word: str) -> bool:
    return word.casefold() in task.title.casefold()


def _share(missed: int, of: int) -> float:
    return 1.0 if not of else max(0.0, 1 - missed / of)
