"""What code refuses in a drafted plan."""

import pytest

from services.plans.check import faults
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
