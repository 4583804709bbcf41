"""The comment that a run leaves: what was asked, and what git shows of it."""

from services.store.models import Run, Task
from services.workflows.handing import asked_of, shown_by_git


def test_what_was_asked_and_what_git_shows() -> None:
    task = Task(title="Add a licence", branch="wfhub/POC-1-1")
    run = Run(round=1, details={"steps": {"0-edit": {"commit": "a" * 40}, "1-tests": {"commit": None}}})
    assert asked_of(run, task) == "Asked: Add a licence"
    assert shown_by_git(run, task) == "Git: aaaaaaaaaaaa on wfhub/POC-1-1"
    again = Run(round=3, details={})
    assert asked_of(again, task) == "Asked: Add a licence, and to mend what round 2 found"
    assert shown_by_git(again, task) == "Git: no commit by this run"
