"""The comment that a run leaves: what was asked, and what git shows of it."""

from services.store.models import Run, Task
from services.workflows.handing import asked_of, measured_by, shown_by_git


def test_what_was_asked_and_what_git_shows() -> None:
    task = Task(title="Add a licence", branch="wfhub/POC-1-1")
    run = Run(round=1, details={"steps": {"0-edit": {"commit": "a" * 40}, "1-tests": {"commit": None}}})
    assert asked_of(run, task) == "Asked: Add a licence"
    assert shown_by_git(run, task) == "Git: aaaaaaaaaaaa on wfhub/POC-1-1"
    merged = Run(round=1, details={"steps": {"0-merge": {"executor": "merge", "merged": {"commit": "b" * 40}}}})
    assert shown_by_git(merged, task) == "Git: merged as bbbbbbbbbbbb"
    again = Run(round=3, details={})
    assert asked_of(again, task) == "Asked: Add a licence, and to mend what round 2 found"
    assert shown_by_git(again, task) == "Git: no commit by this run"


def test_what_a_step_of_any_executor_came_to() -> None:
    done = {"outcome": "completed"}
    tests = {"passed": 2, "failed": 1, "errors": 0, "skipped": 0}
    assert measured_by({"executor": "command", "exit_code": 1, "tests": tests, **done}) == "2 tests passed, 1 failed"
    assert measured_by({"executor": "command", "exit_code": 0, "tests": None, **done}) == "exit code 0"
    assert measured_by({"executor": "scan", "findings": 0, **done}) == "no new findings"
    assert measured_by({"executor": "aider", **done}) == ""
