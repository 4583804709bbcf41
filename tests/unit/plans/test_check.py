"""What code refuses in a drafted plan."""

import pytest

from services.plans.check import doubts, faults
from services.plans.drafts import CriterionDraft, PlanDraft, TaskDraft

GOOD = [CriterionDraft(text="it adds up", check="test_sum")]


def task(name: str, **more: object) -> TaskDraft:
    values = {"title": f"Do {name}", "description": "", "criteria": GOOD, **more}
    return TaskDraft(id=name, **values)  # type: ignore[arg-type]


def plan(*tasks: TaskDraft) -> PlanDraft:
    return PlanDraft(summary="s", tasks=list(tasks))


def test_a_sound_plan_has_no_faults() -> None:
    assert faults(plan(task("a"), task("b", depends_on=["a"]))) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (plan(), "has 1 to 20 tasks"),
        (plan(task("a", depends_on=["b"]), task("b", depends_on=["a"])), "in a circle: "),
        (plan(task("a", depends_on=["a"])), "in a circle: a → a"),
        (plan(task("a", depends_on=["zzz"])), "no task of the plan"),
        (plan(task("a"), task("a", title="Other")), "the id 'a'"),
        (plan(task("a"), task("b", title="do A")), "the title 'do a'"),
        (plan(task("a", criteria=[])), "has 0 criteria"),
        (plan(task("a", criteria=[CriterionDraft(text="x", check=" ")])), "how it is checked"),
        (plan(task("a", priority=11)), "priority 11"),
        (plan(task("a", files=["../secret"])), "outside the workspace"),
        (plan(task("a", title="  ")), "no title"),
        (plan(task("a", title="x" * 301)), "has 301 characters"),
        (plan(task(" ")), "has no id"),
        (plan(task("a", criteria=[CriterionDraft(text="", check="test_sum")])), "without words"),
        (plan(*[task(str(n)) for n in range(21)]), "has 1 to 20 tasks"),
        (PlanDraft(summary=" ", tasks=[task("a")]), "no summary"),
        (PlanDraft(summary="s", estimated_minutes=0, tasks=[task("a")]), "0 minutes"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(wrong: PlanDraft, sentence: str) -> None:
    assert any(sentence in fault for fault in faults(wrong)), faults(wrong)


@pytest.mark.parametrize(
    ("more", "sizes", "sentence"),
    [
        ({}, "SM", None),
        ({"summary": "x" * 1_501}, "S", "1500 are read in a minute"),
        ({"estimated_minutes": 3}, "MLL", "3 minutes can't be right for the tasks: 1 of size M, 2 of size L."),
        ({"estimated_minutes": 9_000}, "S", "9000 minutes can't be right"),
        ({"complexity": "simple"}, "SL", "1 of them large, is not simple"),
        ({"complexity": "complex"}, "S", "one small task is not complex"),
    ],
)
def test_what_can_hardly_be_right_is_doubted(more: dict[str, object], sizes: str, sentence: str | None) -> None:
    made = plan(*[task(str(n), size=size) for n, size in enumerate(sizes)]).model_copy(update=more)
    assert doubts(made) == [] if sentence is None else any(sentence in one for one in doubts(made)), doubts(made)
    assert faults(made) == []  # none of it stands in the way of an approval
    assert any("asked for one task" in one for one in doubts(made, single=True)) == (len(sizes) > 1)
