"""Changing `.env`: only what was named, whole or not at all, and never readable by others."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from services.stack.env_file import change
from services.stack.errors import HomeUnusable
from services.stack.secrets import read_env_file

WRITTEN = "# mine\nMAIN_API_PORT=9000   # because\n\nexport WFHUB_TOKEN='old'\nWFHUB_TOKEN=older\n#WFHUB_HOME=x\n"


def test_only_what_is_named_changes(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(WRITTEN)
    path.chmod(0o644)
    change(path, {"WFHUB_TOKEN": "new", "WFHUB_HOME": "/h", "GONE": None})
    assert (
        path.read_text() == "# mine\nMAIN_API_PORT=9000   # because\n\nWFHUB_TOKEN=new\n#WFHUB_HOME=x\nWFHUB_HOME=/h\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    change(path, {"WFHUB_TOKEN": None})
    assert read_env_file(path) == {"MAIN_API_PORT": "9000", "WFHUB_HOME": "/h"}
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]


def test_a_link_stays_one_and_an_absent_file_is_made(tmp_path: Path) -> None:
    link = tmp_path / ".env"
    link.symlink_to(tmp_path / "kept")
    change(link, {"A": "1"})
    assert link.is_symlink() and (tmp_path / "kept").read_text() == "A=1\n"
    with pytest.raises(HomeUnusable, match="cannot be written"):
        change(tmp_path / "nowhere" / ".env", {"A": "1"})


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    writers = [threading.Thread(target=change, args=(path, {f"NAME_{number}": "x"})) for number in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(read_env_file(path)) == 20


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    change(path, {"KEPT": "yes", "TURN": "0"})
    code = (
        "import itertools, sys; from pathlib import Path; from services.stack.env_file import change\n"
        "for turn in itertools.count(1): change(Path(sys.argv[1]), {'TURN': str(turn) * 2000}); print(turn, flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, env={**os.environ})
    assert writer.stdout is not None
    writer.stdout.readline()
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        assert read_env_file(path)["KEPT"] == "yes"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    values = read_env_file(path)
    assert values["KEPT"] == "yes"
    assert len(values["TURN"]) % 2000 == 0
