"""AGENTS.md and the like, as they are found in workspaces: what can't be read is left out, and that is said."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.prompts.sections import compose
from services.prompts.settings import PromptSettings
from services.prompts.workspace_files import MOST_BYTES, about, guides

NOBODY = 65534
WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "closed": (lambda path: (path.write_text("secret"), path.chmod(0)), "Permission denied"),
    "a pipe": (os.mkfifo, "it is no regular file"),
    "a folder": (lambda path: path.mkdir(), "it is no regular file"),
    "a link": (lambda path: path.symlink_to("/etc/hostname"), "it is a link"),
    "a link in a circle": (lambda path: path.symlink_to(path), "it is a link"),
}


@pytest.fixture
def worktree() -> Iterator[Path]:
    """Of an ordinary user: rights mean nothing to root."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    if root:
        os.seteuid(0)
    shutil.rmtree(folder)


@pytest.mark.parametrize("way", WAYS)
def test_what_cant_be_read_is_left_out_and_said(worktree: Path, way: str) -> None:
    make, why = WAYS[way]
    for name in ("AGENTS.md", "project.md"):
        make(worktree / name)
    (worktree / "CONVENTIONS.md").write_text("Be brief.")
    sections = [guides(worktree, rank=1), about(worktree, rank=1)]
    prompt = compose(sections, 1_000, lambda text: len(text.split()), PromptSettings(b"ours"))
    assert prompt.left_out == (f"AGENTS.md (it can't be read: {why})", f"project.md (it can't be read: {why})")
    assert f"(AGENTS.md is not shown, it can't be read: {why}.)\n## CONVENTIONS.md\nBe brief." in prompt.text
    assert f"(project.md is not shown, it can't be read: {why}.)" in prompt.text and "secret" not in prompt.text


def test_what_is_not_there_is_nothing_to_tell(worktree: Path) -> None:
    (worktree / "CONVENTIONS.md").touch()
    for folder in (worktree, worktree / "no such folder", worktree / "CONVENTIONS.md"):
        assert (guides(folder, rank=1).text, about(folder, rank=1).text) == ("", "")
        assert guides(folder, rank=1).cut == ()


def test_of_a_giant_the_beginning_is_read(worktree: Path) -> None:
    (worktree / "project.md").write_bytes(b"\xff" + b"x" * MOST_BYTES * 2)
    assert len(about(worktree, rank=1).text) == MOST_BYTES
