"""The doctor's judgements on machines we do not have."""

from pathlib import Path

import pytest

from services.stack.doctor import check_git, check_python, examine
from services.stack.local import LocalStack
from services.stack.settings import StackSettings

SQLITE = "sqlite:///x"


@pytest.mark.parametrize(
    ("python", "sqlite", "url", "verdict"),
    [
        ((3, 11, 7), (3, 40, 1), SQLITE, "ok"),
        ((3, 12, 1), (3, 40, 1), SQLITE, "bad"),
        ((3, 12, 1), (3, 42, 0), SQLITE, "ok"),
        ((3, 12, 1), (3, 40, 1), "postgresql://h/x", "ok"),
        ((3, 13, 0), (3, 46, 0), SQLITE, "bad"),
        ((3, 10, 9), (3, 46, 0), SQLITE, "bad"),
    ],
)
def test_python_and_its_sqlite(python: tuple[int, ...], sqlite: tuple[int, ...], url: str, verdict: str) -> None:
    check = check_python(python, sqlite, url)
    assert check.verdict == verdict
    assert bool(check.way_out) == (verdict == "bad")


@pytest.mark.parametrize(
    ("shown", "verdict"), [("git version 2.39.5", "ok"), ("git version 2.37.1 (Apple)", "bad"), ("", "bad")]
)
def test_git(shown: str, verdict: str) -> None:
    assert check_git(shown).verdict == verdict


def test_every_complaint_has_a_way_out(tmp_path: Path) -> None:
    settings = StackSettings.load(tmp_path, {"MAIN_API_PORT": "1"})
    checks = examine(settings, LocalStack(settings, ()))
    assert {"python", "git", "disk", "port 1", "cage", "aider"} <= {check.name for check in checks}
    assert all(check.way_out for check in checks if check.verdict != "ok")
