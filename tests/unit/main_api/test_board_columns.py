"""A board's columns where its tasks go through several workflows."""

from types import SimpleNamespace as Row
from typing import Any

import pytest

from main_api.reads.board import _in_order, _stages
from main_api.reads.stage_order import in_one_order


def definition(*names: str) -> dict[str, Any]:
    return {"stages": [{"name": name, "title": name.upper()} for name in names]}


DEFINITIONS = {1: definition("backlog", "dev", "qa", "done"), 2: definition("backlog", "research", "report", "done")}


def columns(*tasks: Row) -> list[str]:
    return list(_stages([DEFINITIONS[number] for number in _in_order([1], tasks)], tasks))


def test_done_is_the_last_whatever_workflows_there_are() -> None:
    research = Row(workflow_id=2, stage="report", state="waiting")
    assert columns(research) == ["backlog", "dev", "qa", "research", "report", "done"]


@pytest.mark.parametrize(
    ("workflows", "order"),
    [
        ([["backlog", "docs", "deploy"], ["backlog", "dev", "qa", "deploy"], ["backlog", "pm", "dev", "qa", "docs"]],
         ["backlog", "pm", "dev", "qa", "docs", "deploy"]),
        ([["backlog", "research", "reading"], ["backlog", "dev", "qa"]],
         ["backlog", "research", "reading", "dev", "qa"]),
        ([["a", "b", "c"], ["c", "b", "d"]], ["a", "b", "c", "d"]),  # they contradict each other
        ([], []),
    ],
)  # fmt: skip
def test_stages_stand_as_each_workflow_has_them(workflows: list[list[str]], order: list[str]) -> None:
    assert in_one_order(workflows) == order


def test_a_workflow_whose_tasks_are_done_needs_no_columns() -> None:
    assert columns(Row(workflow_id=2, stage="done", state="done")) == ["backlog", "dev", "qa", "done"]


def test_a_stage_that_no_workflow_has_any_more_stands_before_done() -> None:
    assert columns(Row(workflow_id=1, stage="review", state="idle")) == ["backlog", "dev", "qa", "review", "done"]
