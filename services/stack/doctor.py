"""Looks whether this machine can carry the hub, and says what to do where it cannot."""

import ctypes
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.stack.health import port_is_free
from services.stack.local import LocalStack
from services.stack.settings import StackSettings

GIT_NEEDED = (2, 38)  # merge-tree --write-tree: the dry run of a merge
FREE_NEEDED, FREE_WANTED = 500_000_000, 3_000_000_000
LANDLOCK_CREATE_RULESET = 444  # the same number on every architecture


@dataclass(frozen=True)
class Check:
    """`verdict` is ok, warn (the hub works, with less) or bad (it does not). `way_out` is empty when ok."""

    name: str
    verdict: Literal["ok", "warn", "bad"]
    sentence: str
    way_out: str = ""


def examine(settings: StackSettings, stack: LocalStack) -> list[Check]:
    """All checks, quick ones only: no network, nothing written."""
    return [
        check_python(sys.version_info[:3], sqlite3.sqlite_version_info, settings.database_url),
        check_git(_output("git", "--version")),
        check_disk(settings.home),
        *check_ports(settings, stack),
        check_cage(),
        check_aider(settings),
    ]


def check_python(python: tuple[int, ...], sqlite: tuple[int, ...], database_url: str) -> Check:
    """The engine needs `unixepoch('subsec')` from Python 3.12 on, which SQLite has since 3.42."""
    shown = f"Python {_dots(python)} with SQLite {_dots(sqlite)}"
    if not (3, 11) <= python[:2] <= (3, 12):
        return Check("python", "bad", f"{shown}: the hub needs Python 3.11 or 3.12.", "Install it, then ./start.sh.")
    if python >= (3, 12) and sqlite < (3, 42) and database_url.startswith("sqlite"):
        way_out = "Use Python 3.11, or set DATABASE_URL to a PostgreSQL database."
        return Check("python", "bad", f"{shown}: from 3.12 on the engine needs SQLite 3.42 or newer.", way_out)
    return Check("python", "ok", shown)


def check_git(shown: str) -> Check:
    found = re.search(r"(\d+)\.(\d+)", shown)
    if found is None:
        return Check("git", "bad", "git is not installed.", "Install it, for instance with `apt install git`.")
    if (int(found[1]), int(found[2])) < GIT_NEEDED:
        return Check("git", "bad", f"{shown} is too old: the hub needs {_dots(GIT_NEEDED)}.", "Install a newer git.")
    return Check("git", "ok", shown)


def check_disk(home: Path) -> Check:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    sentence = f"{free / 1e9:.1f} GB free at {folder}"
    if free < FREE_NEEDED:
        return Check("disk", "bad", f"{sentence}: too little.", "Free some, or move WFHUB_HOME to another disk.")
    if free < FREE_WANTED:
        return Check("disk", "warn", f"{sentence}: worktrees and models may fill it.", "Keep 3 GB free.")
    return Check("disk", "ok", sentence)


def check_ports(settings: StackSettings, stack: LocalStack) -> list[Check]:
    """A port that our own running service has is in order."""
    ours = {status.name for status in stack.status() if status.pid is not None}
    ports = {
        "main-api": ("MAIN_API_PORT", settings.main_api_port),
        "agent-api": ("AGENT_API_PORT", settings.agent_api_port),
    }
    checks: list[Check] = []
    for name, (setting, port) in ports.items():
        if name in ours:
            checks.append(Check(f"port {port}", "ok", f"{name} has it"))
        elif port_is_free(port):
            checks.append(Check(f"port {port}", "ok", f"free for {name}"))
        else:
            sentence = f"Another program uses port {port}, which {name} needs."
            checks.append(Check(f"port {port}", "bad", sentence, f"End it, or set {setting} in .env."))
    return checks


def check_cage() -> Check:
    bubblewrap = _works("bwrap", "--ro-bind", "/", "/", "--unshare-all", "true")
    landlock = landlock_version()
    if bubblewrap:
        return Check("cage", "ok", "bubblewrap works" + (f", Landlock ABI {landlock} too" if landlock else ""))
    if landlock:
        return Check("cage", "ok", f"Landlock ABI {landlock}; bubblewrap is absent or not allowed here")
    return Check(
        "cage",
        "warn",
        "This machine has neither bubblewrap nor Landlock: what agents run could not be caged.",
        "Install bubblewrap (`apt install bubblewrap`), or use a Linux kernel with Landlock.",
    )


def check_aider(settings: StackSettings) -> Check:
    python = Path(settings.environment.get("AIDER_PYTHON") or settings.root / ".venv-aider" / "bin" / "python")
    if python.is_file():
        return Check("aider", "ok", f"its environment is {python.parent.parent}")
    return Check("aider", "bad", "Aider's environment is missing.", "Run ./start.sh, which makes it.")


def landlock_version() -> int:
    """The ABI the kernel offers, 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None, use_errno=True).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1))


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def _dots(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
