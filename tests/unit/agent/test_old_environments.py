"""Which environments of projects are swept, and which stay."""

import fcntl
import os
import time
from pathlib import Path

import pytest

from agent_api.executors.old_environments import MARKER, sweep

DAY = 86_400.0
KILOBYTES = 64


def environment(envs: Path, name: str, unused: float | None) -> Path:
    """One of 64 kB that was last used so many seconds ago; None: half built."""
    folder = envs / name
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "big").write_bytes(os.urandom(KILOBYTES * 1024))
    if unused is not None:
        (folder / MARKER).touch()
        os.utime(folder / MARKER, (time.time() - unused,) * 2)
    return folder


@pytest.mark.parametrize(
    ("most", "gone"),
    [
        (10**9, {"old", "half"}),
        (2 * KILOBYTES * 1024, {"old", "half", "older"}),
        (1, {"old", "half", "older", "day"}),
    ],
)
def test_by_age_and_by_size_the_longest_unused_first(tmp_path: Path, most: int, gone: set[str]) -> None:
    for name, unused in (("old", 31 * DAY), ("older", 5 * DAY), ("day", DAY), ("now", 60.0), ("half", None)):
        environment(tmp_path, name, unused)
    assert {folder.name for folder in sweep(tmp_path, 30, most)} == gone
    assert {folder.name for folder in tmp_path.iterdir() if folder.is_dir()} == {
        "old", "older", "day", "now", "half"
    } - gone  # fmt: skip


def test_what_is_being_built_stays(tmp_path: Path) -> None:
    folder = environment(tmp_path, "half", None)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert sweep(tmp_path, 30, 1) == []
    assert sweep(tmp_path, 30, 1) == [folder]
    assert sweep(tmp_path / "nowhere", 30, 1) == []
