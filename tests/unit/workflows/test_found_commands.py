"""The test command of a project that began without one."""

from pathlib import Path
from typing import Any

import pytest

from services.store.models import Project
from services.workflows.commands import command_settings, found_command

STEP = {"name": "tests", "command": "test"}
FOUND = {"discovered": {"parts": [{"path": ".", "test": "make test"}]}, "commands": {}}


@pytest.mark.parametrize(
    ("settings", "files", "command"),
    [
        ({}, ("calc.py", "test_calc.py"), "python -m pytest -q --junitxml=.workflow/junit.xml"),
        ({"setup_network": False}, ("go.mod", "a.go"), "go test ./..."),
        ({}, ("hello.txt",), None),
        (FOUND, ("calc.py",), None),  # its owner took it away
    ],
)
async def test_its_worktree_tells(
    tmp_path: Path, settings: dict[str, Any], files: tuple[str, ...], command: str
) -> None:
    for name in files:
        (tmp_path / name).write_text("")
    project = Project(settings=settings)
    assert command_settings(project, STEP) is None
    found = await found_command(project, STEP, tmp_path)
    assert (found.command if found else None) == command
    assert found is None or found.setup_network == settings.get("setup_network", True)
