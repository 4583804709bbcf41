"""Workflows as data: the shipped one fits, and a wrong one says what is wrong."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.domain.dependencies import find_cycle
from services.domain.severity import Severity, at_least, priority_of
from services.domain.workflow import Workflow
from services.roles import seed

SOFTWARE = yaml.safe_load((Path(seed.__file__).parent / "workflows" / "software.yaml").read_text())


def with_stage(name: str, /, **changes: Any) -> dict[str, Any]:
    stages = [{**stage, **changes} if stage["name"] == name else stage for stage in SOFTWARE["stages"]]
    return {**SOFTWARE, "stages": stages}


def test_the_shipped_workflow_leads_from_backlog_to_done() -> None:
    workflow = Workflow.model_validate(SOFTWARE)
    names, stage = [workflow.backlog.name], workflow.backlog
    while stage.name != workflow.done.name:
        stage = workflow.after(stage.name)
        names.append(stage.name)
    assert names == ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "done"]
    assert workflow.after("done").name == "done"
    assert [s.name for s in workflow.stages if s.needs_person] == ["deploy"]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({**SOFTWARE, "start": "done"}, "start names done"),
        (with_stage("qa", on_fail="nowhere"), "goes back to nowhere"),
        (with_stage("qa", name="dev"), "two stages have the same name"),
        (with_stage("qa", steps=[{"executor": "command"}, {"executor": "human"}]), "must be the stage's first step"),
        (with_stage("dev", role=None), "needs a role"),
        (with_stage("backlog", steps=[{"executor": "command"}]), "have no steps"),
        (with_stage("qa", steps=[{"executor": "magic"}]), "magic"),
        (with_stage("qa", wipp=3), "wipp"),
    ],
)
def test_a_wrong_workflow_says_what_is_wrong(document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Workflow.model_validate(document)
    assert sentence in str(refusal.value)


@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8), max_size=4), max_size=9))
def test_a_cycle_is_found_exactly_where_one_can_walk_in_a_circle(graph: dict[int, set[int]]) -> None:
    def reaches(start: int, goal: int) -> bool:
        seen, todo = set(), list(graph.get(start, ()))
        while todo:
            node = todo.pop()
            if node == goal:
                return True
            if node not in seen:
                seen.add(node)
                todo += graph.get(node, ())
        return False

    cycle = find_cycle(graph)
    assert (cycle is not None) == any(reaches(node, node) for node in graph)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert all(after in graph[before] for before, after in itertools.pairwise(cycle))


@given(st.lists(st.sampled_from(list(Severity)), max_size=5), st.integers(1, 10))
def test_findings_never_lower_a_priority(severities: list[Severity], current: int) -> None:
    priority = priority_of(severities, current)
    assert current <= priority <= 10
    if any(at_least(severity, Severity.HIGH) for severity in severities):
        assert priority == 10
