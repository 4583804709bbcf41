"""The shape of a drafted plan, as a model has to answer it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Draft(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CriterionDraft(_Draft):
    text: str = Field(description="What holds when the task is done")
    check: str = Field(description="How it is checked, best: the test that shows it")


class TaskDraft(_Draft):
    id: str = Field(description="A short name, used in depends_on")
    title: str
    description: str
    kind: Literal["feature", "bug", "docs", "test", "refactor", "research", "infra"] = "feature"
    priority: int = Field(default=5, description="1 to 10, 10 is the most urgent")
    size: Literal["S", "M", "L"] = "M"
    files: list[str] = Field(default_factory=list, description="Paths the task likely touches")
    criteria: list[CriterionDraft]
    depends_on: list[str] = Field(default_factory=list)


class PlanDraft(_Draft):
    """A plan a person reads in a minute."""

    summary: str
    complexity: Literal["simple", "medium", "complex"] = "medium"
    estimated_minutes: int = 30
    questions: list[str] = Field(default_factory=list)
    risks: list[str] = Field(default_factory=list, description="What may go wrong, a sentence each")
    tasks: list[TaskDraft]


class CriteriaDraft(_Draft):
    """What a PM adds to a task that a person wrote."""

    criteria: list[CriterionDraft]


class CriterionCheck(_Draft):
    criterion: int = Field(description="The criterion's number as listed")
    met: bool
    test: str | None = Field(default=None, description="classname::name of the test that shows it, null if none can")
    place: str | None = Field(
        default=None, description="Where no test shows it: path:line of the change, or name:line of a report, that does"
    )
    note: str = ""


class CriteriaChecks(_Draft):
    """What QA says of each criterion. A claim: the test's outcome in the report is the fact, or a place that exists."""

    checks: list[CriterionCheck]


class ReportDraft(_Draft):
    """What a research task ends in: a report for a person, in Markdown."""

    title: str
    summary: str = Field(description="The answer in a few sentences")
    body: str = Field(description="The report, in Markdown")
    sources: list[str] = Field(default_factory=list, description="What it rests on: files with lines, commands")
    open_questions: list[str] = Field(default_factory=list, description="What could not be found out")


ANSWERS: dict[str, type[_Draft]] = {
    "plan": PlanDraft,
    "criteria": CriteriaDraft,
    "criteria_checks": CriteriaChecks,
    "report": ReportDraft,
}


def answer_of(body: dict[str, Any]) -> Literal["plan", "task", "report"]:
    """What a plan's body amounts to: several tasks, one, or one that ends in a report."""
    tasks = body.get("tasks", [])
    if len(tasks) != 1:
        return "plan"
    return "report" if tasks[0].get("kind") == "research" else "task"


def schema_of(produces: str) -> dict[str, Any]:
    """The JSON Schema of what a `tools` step has to answer."""
    return ANSWERS[produces].model_json_schema()
