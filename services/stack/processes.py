"""Child processes that outlive their parent: started in sessions of their own, found again by pid and start time."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.logs.rotation import VARIABLE, Rotation

PROC = Path("/proc")
PF_EXITING = 0x4  # include/linux/sched.h: the flag of a process that is shutting down
KILL_BIT = 1 << (signal.SIGKILL - 1)


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken: `born` differs when the pid is used again, also after a reboot."""

    pid: int
    born: str

    def alive(self) -> bool:
        """False for a zombie too: it has ended, only nobody has asked how."""
        return born(self.pid) == self.born

    def doomed(self) -> bool:
        """It was killed and has not quite ended: it answers nobody any more, though `alive` still says yes."""
        pending, fields = _pending(self.pid), _stat(self.pid)  # in the order in which the kernel sets them
        return fields is not None and bool(int(fields[6]) & PF_EXITING or pending & KILL_BIT)

    def write(self, path: Path, told: str = "") -> None:
        """Keep it in `path`, atomically: a reader sees a whole record or none. `told` is what `told_to` answers."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self) | {"told": told}), encoding="utf-8")
        fresh.replace(path)


def read_process(path: Path) -> Process | None:
    """The process that `path` names, if it still runs. An unreadable record counts as none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        process = Process(int(record["pid"]), str(record["born"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if process.alive() else None


def told_to(path: Path) -> str:
    """What the process that `path` names was told when it was started, as it was written; empty when nobody wrote."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("told", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def born(pid: int) -> str | None:
    """When `pid` was started, as an opaque text; None when no such process runs."""
    if not PROC.joinpath("self/stat").exists():
        shown = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        state, _, started = shown.stdout.strip().partition(" ")
        return started.strip() if started and not state.startswith("Z") else None
    fields = _stat(pid)
    if fields is None or fields[0] in ("Z", "X"):
        return None
    boot = PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[19]}"


def spawn(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Rotation
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to the log, which it is told to rotate; a full one
    is put aside first."""
    log.path.parent.mkdir(parents=True, exist_ok=True)
    with log.lock():
        if log.path.exists() and log.path.stat().st_size >= log.file_bytes:
            log.put_aside()
    with os.fdopen(log.open(), "ab") as output:
        return subprocess.Popen(
            list(command),
            env={**environment, VARIABLE: str(log)},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def identify(pid: int) -> Process:
    """The process that was just started as `pid`; one that has ended already is given an impossible birth."""
    return Process(pid, born(pid) or "ended")


def descendants(process: Process) -> list[Process]:
    """Its children and theirs, also those in sessions of their own."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: list[Process] = []
    waiting = list(children.get(process.pid, []))
    while waiting:
        pid = waiting.pop()
        found.append(identify(pid))
        waiting += children.get(pid, [])
    return found


def end(process: Process, grace: float) -> None:
    """End it, its group and its descendants: TERM to the group, KILL to what is left after `grace` seconds."""
    if not process.alive():
        return
    family = [process, *descendants(process)]
    _signal_group(process, signal.SIGTERM)
    _wait(family[:1], grace)
    late = descendants(process) if process.alive() else []
    _signal_group(process, signal.SIGKILL)
    # What left the group is told first, too: a job of an agent may have something to put away.
    rest = [one for one in {*family, *late} if one.alive() and one != process]
    _signal_each(rest, signal.SIGTERM)
    _wait(rest, min(grace, 2.0))
    _signal_each([one for one in rest if one.alive()], signal.SIGKILL)
    _wait([process, *rest], 5.0)


def _signal_group(process: Process, number: signal.Signals) -> None:
    """The group has its leader's pid. It may outlive its leader; the pid cannot be used again while it does."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _signal_each(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)


def _wait(processes: Sequence[Process], seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(one.alive() for one in processes) and time.monotonic() < until:
        time.sleep(0.02)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on; the name before them may hold spaces and brackets."""
    try:
        return PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _pending(pid: int) -> int:
    """The signals that wait for `pid`'s first thread, as the bit mask SigPnd of /proc/<pid>/status (proc(5))."""
    try:
        lines = PROC.joinpath(str(pid), "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("SigPnd:")), 0)


def _parents() -> list[tuple[int, int]]:
    if PROC.joinpath("self/stat").exists():
        pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]
        return [(pid, int(fields[1])) for pid in pids if (fields := _stat(pid))]
    shown = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
    return [(int(pid), int(parent)) for pid, parent in (row.split() for row in shown.stdout.splitlines())]
