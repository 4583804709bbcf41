"""ripgrep under Landlock: what a symlink in the folder leads to is not read, neither as text nor as rules."""

import asyncio
import gc
import os
import threading
from pathlib import Path

import pytest

from agent_api.cage import landlock
from agent_api.errors import ToolRefused
from agent_api.workspace_tools import ripgrep
from agent_api.workspace_tools.ripgrep import Ripgrep


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("a line of the neighbour\n")
    (tmp_path / "rules").write_text("hidden.txt\n")
    (folder / "hidden.txt").write_text("a line of ours\n")
    (folder / ".ignore").symlink_to("../rules")
    (folder / "link").symlink_to("../secret.txt")
    return folder


async def found(workspace: Path, *targets: str) -> tuple[bytes, int]:
    folder, said = os.open(workspace, os.O_RDONLY), []
    run = Ripgrep(["--regexp", "a line", "--", *targets], folder=folder, seconds=20)
    try:
        await run.each(lambda lines: bool(said.extend(lines)))
    finally:
        os.close(folder)
    return b"\n".join(said), run.unreadable


@pytest.mark.skipif(landlock.abi_version() < 3, reason="the kernel has no Landlock")
@pytest.mark.parametrize("on", [False, True], ids=["without", "under Landlock"])
async def test_a_link_out(workspace: Path, monkeypatch: pytest.MonkeyPatch, *, on: bool) -> None:
    """`link` is named as a file is that was swapped for a symlink after rg had seen it."""
    if not on:
        monkeypatch.setattr(ripgrep, "_ruleset", lambda *_: None)
    said, unreadable = await found(workspace, "link", "hidden.txt")
    assert (b"neighbour" in said, unreadable) == ((False, 1) if on else (True, 0))
    said, _ = await found(workspace, ".")
    assert (b"hidden.txt" in said) is on  # else whose rules they are could be asked line by line


def what_is_open() -> tuple[int, int, set[str]]:
    """How many descriptors and threads, and which children."""
    children = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), set(" ".join(children).split())


async def test_nothing_is_left(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a process, a thread, a descriptor nor a rule."""
    await found(workspace, "hidden.txt")  # what opens once for all
    gc.collect()  # what other tests left to be collected is none of this
    before = what_is_open()
    await found(workspace, "hidden.txt")
    with pytest.raises(ToolRefused, match="regex parse error"):
        folder = os.open(workspace, os.O_RDONLY)
        await Ripgrep(["--regexp", "("], folder=folder, seconds=20).each(lambda _: False)
    os.close(folder)
    os.mkfifo(workspace / "pipe")  # named on the command line, rg waits for its writer
    with pytest.raises(ToolRefused, match=r"more than 0\.2 seconds"):
        folder = os.open(workspace, os.O_RDONLY)
        await Ripgrep(["--regexp", "x", "pipe"], folder=folder, seconds=0.2).each(lambda _: False)
    os.close(folder)
    monkeypatch.setattr(ripgrep, "find_program", lambda _: workspace / "nowhere")
    with pytest.raises(FileNotFoundError):
        await found(workspace, "hidden.txt")
    for _ in range(1_000):  # transports close their pipes in the loop's next turn; a thread ends in its own time
        if what_is_open() == before:
            break
        await asyncio.sleep(0.01)
    assert what_is_open() == before
    assert (workspace / "../secret.txt").read_text()  # the rules ended with the thread that took them
