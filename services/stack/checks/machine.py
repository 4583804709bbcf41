"""The machine: Python, git, disk, memory, graphics card, ports, cage."""

import ctypes
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from services.stack.checks import Check
from services.stack.health import port_is_free

GIT_NEEDED = (2, 38)  # merge-tree --write-tree: the dry run of a merge
FREE_NEEDED, FREE_WANTED = 500_000_000, 3_000_000_000
MEMORY_WANTED = 4 * 2**30
CARD_DIFFERS = 0.1  # of what it has
LANDLOCK_CREATE_RULESET = 444  # the same number on every architecture
LANDLOCK_NEEDED = 4  # agent-api takes no less: TCP is held from there on


def check_python(python: tuple[int, ...], sqlite: tuple[int, ...], database_url: str) -> Check:
    """The engine needs `unixepoch('subsec')` from Python 3.12 on, which SQLite has since 3.42."""
    shown = f"Python {_dots(python)} with SQLite {_dots(sqlite)}"
    if not (3, 11) <= python[:2] <= (3, 12):
        return Check("python", "bad", f"{shown}: the hub needs Python 3.11 or 3.12.", "Install it, then ./start.sh.")
    if python >= (3, 12) and sqlite < (3, 42) and database_url.startswith("sqlite"):
        way_out = "Use Python 3.11, or set DATABASE_URL to a PostgreSQL database."
        return Check("python", "bad", f"{shown}: from 3.12 on the engine needs SQLite 3.42 or newer.", way_out)
    return Check("python", "ok", shown)


def git_version() -> str:
    return _output("git", "--version")


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


def check_ports(wanted: Iterable[tuple[str, str, int]], ours: Collection[str]) -> list[Check]:
    """`wanted` has each service with its setting and port. A port that our own running service has is in order."""
    checks: list[Check] = []
    for service, setting, port in wanted:
        if service in ours:
            checks.append(Check(f"port {port}", "ok", f"{service} has it"))
        elif port_is_free(port):
            checks.append(Check(f"port {port}", "ok", f"free for {service}"))
        else:
            sentence = f"{service} needs port {port}, and another program has it, or ports so low are not yours."
            checks.append(Check(f"port {port}", "bad", sentence, f"End that program, or set {setting} in .env."))
    return checks


def check_memory(meminfo: str) -> Check:
    """`meminfo` is /proc/meminfo, empty where there is none."""
    found = re.search(r"^MemTotal:\s+(\d+) kB", meminfo, re.M)
    if found is None:
        return Check("memory", "ok", "not told by this system")
    total = int(found[1]) * 1024
    sentence = f"{total / 2**30:.1f} GiB"
    if total < MEMORY_WANTED:
        way_out = "Set AGENT_CAPACITY=1 and WORKER_CONCURRENCY=1 in .env, and use a model elsewhere."
        return Check("memory", "warn", f"{sentence}: little for agents at work beside a model.", way_out)
    return Check("memory", "ok", sentence)


def check_card(told: str, set_bytes: int) -> Check:
    """`told` is what nvidia-smi says of the memory of each card in MiB, empty where there is none."""
    fits_for = f"models are fitted to {set_bytes / 2**30:.1f} GiB (GPU_MEMORY_BYTES)"
    sizes = [int(line) for line in told.split() if line.isdecimal()]
    if not sizes:
        return Check("card", "ok", f"no NVIDIA card is seen; {fits_for}")
    has = max(sizes) * 2**20
    if abs(has - set_bytes) > CARD_DIFFERS * has:
        way_out = f"Set GPU_MEMORY_BYTES={has} in .env."
        return Check("card", "warn", f"The graphics card has {has / 2**30:.1f} GiB, and {fits_for}.", way_out)
    return Check("card", "ok", f"{has / 2**30:.1f} GiB; {fits_for}")


def graphics_memory() -> str:
    """Of each NVIDIA card, in MiB."""
    return _output("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")


def memory_facts() -> str:
    file = Path("/proc/meminfo")
    return file.read_text(encoding="ascii") if file.is_file() else ""


def check_cage(bubblewrap: bool, landlock: int) -> Check:
    """`bubblewrap` is whether it works here, `landlock` the ABI of the kernel's, 0 for none."""
    if bubblewrap:
        return Check("cage", "ok", "bubblewrap works" + (f", Landlock ABI {landlock} too" if landlock else ""))
    absent = "bubblewrap is absent or not allowed here"
    if landlock >= LANDLOCK_NEEDED:
        return Check("cage", "ok", f"Landlock ABI {landlock}; {absent}")
    too_old = f"this kernel's Landlock (ABI {landlock}) is too old" if landlock else "this kernel has no Landlock"
    way_out = (
        "Install bubblewrap (`apt install bubblewrap`); Ubuntu also has to allow it namespaces "
        "(`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or an AppArmor profile for bwrap). "
        "Or use Linux 6.7 or newer with Landlock."
    )
    return Check("cage", "warn", f"Nothing that a model chose would be run: {absent}, and {too_old}.", way_out)


def bubblewrap_works() -> bool:
    return _works("bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true")


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
