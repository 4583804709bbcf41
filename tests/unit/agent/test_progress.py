"""What counts as progress of a job: what is new, and no sign of life."""

import os
from pathlib import Path

import pytest

from agent_api.progress import Progress, files_of


@pytest.mark.parametrize(
    ("first", "again", "counts"),
    [
        ("waiting\n", "waiting\n", False),
        ("12:00:01 alive, 3 s\n", "12:00:02 alive, 4.5 s\n", False),
        ("|\r/\r-\r|", "\r/\r-\r|", False),
        ("45 %\r", "46 %\r", True),
        ("collected 3\n", "test_a PASSED\n", True),
        ("..", ".", True),
    ],
)
def test_lines_count_where_they_are_new(first: str, again: str, *, counts: bool) -> None:
    progress = Progress()
    assert progress.take("output", first, {})
    assert progress.take("output", again, {}) is counts


def test_the_same_call_again_is_none_and_what_was_last_is_told() -> None:
    progress = Progress()
    assert progress.take("tool_call", 'bash {"command": "ls"}', {})
    assert progress.last == 'called bash {"command": "ls"}'
    assert not progress.take("tool_call", 'bash {"command": "ls"}', {})
    assert not progress.take("notice", "The gateway answers again.", {})
    assert progress.take("model_turn", "", {"turn": 1}) and progress.take("model_turn", "", {"turn": 2})
    assert progress.last == "had an answer of its model"


def test_files_that_are_touched_or_written_as_they_were_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    file = tmp_path / "src" / "one.py"
    file.write_text("x = 1\n")
    os.mkfifo(tmp_path / "pipe")
    before = files_of(tmp_path)
    file.write_text("x = 1\n")
    os.utime(file, (1, 1))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_text("git's own")
    assert files_of(tmp_path) == before
    file.write_text("x = 2\n")
    assert files_of(tmp_path) != before
