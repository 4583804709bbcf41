"""The benchmark of plans: its own answers have every property, and worse ones score less."""

from pathlib import Path

import pytest
import yaml

from benchmarks.plan_score import REQUESTS, Wanted, requests, score
from services.models.scripted.load import load_scenario
from services.plans.drafts import PlanDraft

SCENARIO = REQUESTS.with_name("plans_scenario.yaml")
RULES = yaml.safe_load(SCENARIO.read_text(encoding="utf-8"))["rules"]


def scripted(wanted: Wanted) -> PlanDraft:
    [rule] = [rule for rule in RULES if rule["when"]["contains"][0] in wanted.text]
    return PlanDraft.model_validate(rule["json"])


@pytest.mark.parametrize("wanted", requests(), ids=lambda wanted: wanted.name)
def test_the_scripted_plans_have_every_property(wanted: Wanted) -> None:
    found = score(wanted, scripted(wanted))
    assert (found.mean, found.misses) == (1.0, [])
    assert score(wanted, None).mean == 0


def test_what_is_worse_scores_less() -> None:
    load_scenario(Path(SCENARIO))
    by_name = {one.name: one for one in requests()}
    assert len(by_name) == 12
    ordered = scripted(by_name["ordered"])
    ordered.tasks[1].depends_on = []
    assert score(by_name["ordered"], ordered).ordered == 0
    apart = scripted(by_name["unrelated"])
    apart.tasks[1].depends_on = ["a"]
    assert score(by_name["unrelated"], apart).ordered == 0
    bare = scripted(by_name["three"])
    bare.tasks[0].criteria, bare.tasks[2].title = [], "Something else"
    bare.summary = "All of it."
    found = score(by_name["three"], bare)
    assert found.valid == 0 and found.covers == pytest.approx(2 / 3) and "It lacks: csv." in found.misses
    large = scripted(by_name["single"])
    large.tasks[0].size, large.complexity = "L", "medium"
    assert score(by_name["single"], large).sized == 0.75
    told = scripted(by_name["instructions"])
    told.summary = "The token is abc."
    assert score(by_name["instructions"], told).covers == 0.5
