"""The processes below this one, from /proc: counted, weighed and ended. Standard library only."""

import os
import signal
import time
from pathlib import Path

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.002, 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


def start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot: with the pid it names a process for good. None if gone."""
    try:
        return int(_stat_fields(pid)[19])
    except OSError:
        return None


def state_of(pid: int) -> str:
    """The letter of /proc/PID/stat: T is stopped. Empty if the process is gone."""
    try:
        return _stat_fields(pid)[0]
    except OSError:
        return ""


def descendants(*roots: int) -> list[int]:
    """Pids of all living processes below `roots`, parents before children. Zombies are left out."""
    children: dict[int, list[int]] = {}
    for entry in (folder.name for folder in Path("/proc").iterdir()):
        if not entry.isdigit():
            continue
        try:
            fields = _stat_fields(int(entry))
        except OSError:
            continue  # it ended while we looked
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(entry))
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def tasks_on_host() -> int:
    """How many threads the whole host has now: one cheap read that shows when a closer look is due."""
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])


def private_memory(pids: list[int]) -> int:
    """Bytes of memory that these processes hold for themselves."""
    total = 0
    for pid in pids:
        try:
            _, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
        except OSError:
            continue  # it ended while we looked
        total += (int(resident) - int(shared)) * _PAGE
    return total


def end_descendants(root: int, within_seconds: float = 10) -> None:
    """Stop, then kill, all below `root` until none is left, so that a fork bomb cannot outrun the killing."""
    deadline, pause = time.monotonic() + within_seconds, _SHORTEST_PAUSE
    known: set[int] = set()
    while time.monotonic() < deadline:
        living = descendants(root)
        if not living:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                _signal(pid, number)
        _reap()
        # What was killed needs the processor to end: looking again and again, before others, would keep it from that.
        pause = min(2 * pause, _LONGEST_PAUSE) if known.issuperset(living) else _SHORTEST_PAUSE
        known.update(living)
        time.sleep(pause)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it ended by itself


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
