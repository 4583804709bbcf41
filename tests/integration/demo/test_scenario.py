"""The demo's answers hold: the right ones make the sample's suite pass, the wrong one is caught, all of them merge."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.demo.sample_project import SCENARIO, copy_sample
from services.models.scripted.load import load_scenario
from services.plans.check import faults
from services.plans.drafts import CriteriaChecks, PlanDraft

BUG, FEATURE, EXPORT = "Refuse a refund above the sale", "Close the day with a report", "Export the day's sales as CSV"
RULES: list[dict[str, Any]] = yaml.safe_load(SCENARIO.read_text(encoding="utf-8"))["rules"]


def answers(role: str, title: str, kind: str) -> list[Any]:
    """What the scenario answers a role on a task, in the order of its rules."""
    return [
        rule[kind]
        for rule in RULES
        if rule["when"]["role"] == role and rule["when"].get("task", "^$") == f"^{title}$" and kind in rule
    ]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((SCENARIO.parent / source).read_bytes())


def outcomes(folder: Path) -> dict[str, bool]:
    """The sample's own suite, run for real: test id to passed."""
    report = folder.parent / "junit.xml"
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:randomly", f"--junitxml={report}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    cases = ElementTree.parse(report).iter("testcase")
    found = {f"{case.get('classname')}::{case.get('name')}": len(case) == 0 for case in cases}
    assert all(found.values()) == (done.returncode == 0)
    return found


def named_tests(title: str) -> list[str]:
    """The tests that QA names, those that it writes itself among them, in the criteria's order."""
    told = [check for answer in answers("qa", title, "json") for check in CriteriaChecks.model_validate(answer).checks]
    named = {check.criterion: check.test for check in told if check.test}
    return [named[number] for number in sorted(named)]


def write_tests_of_qa(folder: Path, title: str) -> None:
    for call in [call for calls in answers("qa", title, "tool_calls") for call in calls if call["name"] == "write"]:
        (folder / call["arguments"]["path"]).write_text(call["arguments"]["content"])


@pytest.fixture
def till(tmp_path: Path) -> Path:
    return copy_sample(tmp_path / "till")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_scenario_loads_and_its_plan_is_sound() -> None:
    load_scenario(SCENARIO)
    plan = PlanDraft.model_validate(
        next(
            rule["json"]
            for rule in RULES
            if rule["when"].get("stage") == "plan" and "json" in rule and "contains" not in rule["when"]
        )
    )
    assert faults(plan) == []
    assert [task.title for task in plan.tasks] == [BUG, FEATURE, EXPORT]
    assert plan.tasks[1].depends_on == ["refund-limit"]
    for task in plan.tasks:
        assert [criterion.check for criterion in task.criteria] == named_tests(task.title)


def test_the_first_answer_to_the_bug_breaks_a_test_that_passed_before(till: Path) -> None:
    before = outcomes(till)
    write(till, answers("dev", BUG, "files_from")[0])
    broken = [name for name, passed in outcomes(till).items() if not passed]
    assert broken == ["tests.test_refunds::test_the_whole_sale_can_be_refunded"]
    assert before[broken[0]]


@pytest.mark.parametrize(("titles", "count"), [([BUG], 33), ([EXPORT], 33), ([BUG, FEATURE], 40)])
def test_the_right_answers_pass_with_the_tests_that_qa_names(till: Path, titles: list[str], count: int) -> None:
    before = outcomes(till)
    for title in titles:
        write(till, answers("dev", title, "files_from")[-1])
        write_tests_of_qa(till, title)
    after = outcomes(till)
    assert all(after.values())
    assert len(after) == count
    assert set(before) <= set(after)
    assert all(after[test] for title in titles for test in named_tests(title))


def test_the_feature_needs_the_bug_to_be_gone(till: Path) -> None:
    write(till, answers("dev", FEATURE, "files_from")[-1])
    assert not outcomes(till)["tests.test_report::test_the_net_is_never_below_zero"]


@pytest.mark.parametrize("order", [(EXPORT, BUG, FEATURE), (BUG, EXPORT, FEATURE), (BUG, FEATURE, EXPORT)])
def test_branches_merge_in_any_order_that_the_plan_allows(till: Path, order: tuple[str, ...]) -> None:
    """Export starts at the same base as the bug; the feature starts where the bug was merged, without the export."""
    base = git(till, "rev-parse", "HEAD").strip()
    git(till, "checkout", "-q", "-b", BUG.replace(" ", "-"), base)
    for title in (BUG, FEATURE, EXPORT):
        branch = title.replace(" ", "-")
        if title != BUG:
            git(till, "checkout", "-q", "-b", branch, base if title == EXPORT else BUG.replace(" ", "-"))
        for role in ("dev", "docs"):
            write(till, answers(role, title, "files_from")[-1])
            write_tests_of_qa(till, title)
            git(till, "add", "-A")
            git(till, "commit", "-q", "-m", f"{role}: {title}")
    git(till, "checkout", "-q", "main")
    for title in order:
        git(till, "merge", "-q", "--no-ff", "-m", title, title.replace(" ", "-"))
    found = outcomes(till)
    assert all(found.values())
    assert len(found) == 43
    readme = (till / "README.md").read_text(encoding="utf-8")
    assert "## Closing the day" in readme
    assert "## Work on it" in readme
