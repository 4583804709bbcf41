"""The words for what a run does now: short, true, and never a guess dressed as a number."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.events.activity import LONGEST, Activity, step_words

TESTS = "import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test_n(n):\n    assert n != 31\n"


def event(kind: str, text: str = "", **data: Any) -> dict[str, Any]:
    return {"seq": 1, "at": "2026-01-01T00:00:00Z", "kind": kind, "text": text, "data": data}


def after(words: str, *events: dict[str, Any]) -> str:
    activity = Activity(words)
    for one in events:
        activity.take(one)
    return activity.sentence


@pytest.mark.parametrize(
    ("role", "step", "words"),
    [
        ("dev", {"executor": "aider", "name": "edit"}, "writing the change"),
        ("docs", {"executor": "aider", "name": "write"}, "writing the docs"),
        ("qa", {"executor": "tools", "produces": "criteria_checks"}, "checking the criteria"),
        ("pm", {"executor": "tools", "produces": "plan"}, "writing the plan"),
        ("security", {"executor": "tools", "produces": "criteria"}, "reviewing security"),
        ("qa", {"executor": "command", "command": "test"}, "running the tests"),
        ("testing", {"executor": "command", "command": "e2e"}, "running the end-to-end tests"),
        ("cicd", {"executor": "command", "command": "lint"}, "running lint"),
        ("security", {"executor": "scan"}, "looking for weaknesses"),
        ("cicd", {"executor": "merge"}, "merging"),
        (None, {}, "preparing"),
    ],
)
def test_a_step_says_what_it_is_about(role: str | None, step: dict[str, Any], words: str) -> None:
    assert step_words(role, step) == words


def test_an_edit_names_the_file_and_from_the_second_turn_on_the_turn() -> None:
    first = [event("model_turn", turn=1), event("edit", "till/money.py", path="till/money.py", added=3)]
    assert after("writing the change", *first) == "editing money.py"
    assert after("writing the change", *first, event("model_turn", turn=2)) == "writing the change · turn 2"
    again = [*first, event("model_turn", turn=2), event("edit", "x", path="till/money.py")]
    assert after("writing the change", *again) == "editing money.py · turn 2"


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("read", {"path": "till/refunds.py", "start": 1}, "reading refunds.py"),
        ("grep", {"pattern": "def  close"}, "searching for def close"),
        ("glob", {"pattern": "**/*.py"}, "looking for **/*.py"),
        ("bash", {"command": "ls\n-la"}, "running ls -la"),
        ("teleport", {}, "using teleport"),
    ],
)
def test_a_tool_call_is_told(tool: str, given: dict[str, Any], words: str) -> None:
    assert after("thinking", event("tool_call", f"{tool} {json.dumps(given)}", tool=tool)) == words


def test_a_cut_or_strange_tool_call_still_says_something() -> None:
    assert after("thinking", event("tool_call", 'read {"path": "till/ref', tool="read")) == "reading"
    assert after("thinking", event("tool_call", "read [1]", tool="read")) == "reading"
    assert after("thinking", event("tool_call", "", tool="")) == "thinking"
    long = after("thinking", event("tool_call", "bash " + json.dumps({"command": "x" * 500}), tool="bash"))
    assert len(long) == LONGEST and long.endswith("…")


def test_waiting_and_building_are_said() -> None:
    waits = event("notice", "The gateway does not answer. Waiting up to 60 s.")
    assert after("writing the change", waits) == "waiting for the model"
    assert after("writing the change", waits, event("notice", "The gateway answers again.")) == "writing the change"
    assert after("running the tests", event("output", "Resolved 7", source="setup")) == "building the environment"
    assert after("looking for weaknesses", event("output", "bandit looks at 12 files.\n", source="bandit")) == (
        "bandit · 12 files"
    )


@pytest.mark.parametrize("size", [1, 7, 80, 100_000])
@pytest.mark.parametrize(
    ("options", "ways"),
    [
        ([], {"pytest · 3 of 40", "pytest · 40 of 40"}),
        (["-v"], {"pytest · 3 of 40", "pytest · 40 of 40"}),
        (["-q"], {"pytest · 3 tests", "pytest · 100 %"}),
    ],
)
def test_pytest_is_counted_as_far_as_it_tells(
    tmp_path: Path, pytest_output: dict[str, str], size: int, options: list[str], ways: set[str]
) -> None:
    """Whatever the pieces its output comes in. With -q it never says how many there are, and so neither do we."""
    text = pytest_output["".join(options)]
    activity, seen = Activity("running the tests"), set[str]()
    for start in range(0, len(text), size):
        activity.take(event("output", text[start : start + size], source="tests"))
        seen.add(activity.sentence)
    last = next(way for way in ways if "40 of" in way or "%" in way)
    assert activity.sentence == last
    if size == 1:
        assert ways <= seen
    assert all(words.startswith(("pytest · ", "running the tests")) for words in seen)


@pytest.fixture(scope="module")
def pytest_output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the real pytest prints, by its options."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_n.py").write_text(TESTS)
    said: dict[str, str] = {}
    for option in ("", "-v", "-q"):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *([option] if option else []), "test_n.py"]
        said[option] = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    return said


def test_other_runners_are_not_mistaken_for_pytest() -> None:
    for text in ("ok 1 - adds\nok 2 - subtracts\n", "Test Files  1 passed (1)\n", "...\nmore\n\n", "Foo.\n"):
        words = after("running the tests", event("output", text, source="tests"))
        assert words in ("running the tests", "pytest · 3 tests"), text


def test_a_stall_shows_until_it_moves_again() -> None:
    stalled = event("notice", "Nothing has moved.", stalled_since="2026-01-01T14:02:11+00:00")
    beat = event("output", "still at it\n", source="tests")
    assert after("writing the change", stalled, beat) == "stalled since 14:02 UTC"
    assert after("writing the change", stalled, beat, event("notice", "It moves again.", goes_on=True)) != (
        "stalled since 14:02 UTC"
    )
