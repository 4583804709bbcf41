"""The program between agent-api and a caged command: `python -S -E launch.py SPEC_FD LIFELINE_FD STATUS_FD`.

It sets limits, enters the cage in a forked child and executes the command there; then it watches over it, and ends all
that it left behind, also when agent-api dies (the lifeline pipe closes). Run as a script, with the standard library
and its neighbours in this folder only: it starts for every command, so it must start fast.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import landlock  # pyright: ignore[reportMissingImports]  # neighbours: run as a script, this folder leads sys.path
import namespaces  # pyright: ignore[reportMissingImports]
import pids_cgroup  # pyright: ignore[reportMissingImports]
import precedence  # pyright: ignore[reportMissingImports]
import process_tree  # pyright: ignore[reportMissingImports]
import seccomp  # pyright: ignore[reportMissingImports]

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LOOK_SECONDS, _MEMORY_SECONDS = 0.02, 1.0


def main() -> None:
    spec_fd, lifeline, status = (int(argument) for argument in sys.argv[1:4])
    for descriptor in (spec_fd, lifeline, status):
        os.set_inheritable(descriptor, False)
    with os.fdopen(spec_fd, "rb") as file:
        spec: dict[str, Any] = json.load(file)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    group = pids_cgroup.create(spec["processes"]) if os.getuid() == 0 and spec["backend"] != "none" else None
    bwrap_status = os.memfd_create("bwrap-status") if spec["backend"] == "bubblewrap" else -1
    behind = _stands_back(spec)
    child = os.fork()
    if child == 0:
        _become(spec, status, bwrap_status, group)
    _take_precedence()
    stopped, exit_code = "lifeline", 137
    try:
        stopped, exit_code = _watch(spec, child, lifeline, behind)
    finally:
        process_tree.end_descendants(os.getpid())
        if group is not None:
            stopped = stopped or ("processes" if exit_code != 0 and pids_cgroup.full(group) else "")
            pids_cgroup.remove(group)
    if bwrap_status >= 0 and not stopped and b'"exit-code"' not in os.pread(bwrap_status, 65536, 0):
        os.write(status, b'{"error": "bubblewrap could not start the command; its words are in the output."}\n')
    os.write(status, json.dumps({"exit": exit_code, "stopped": stopped}).encode() + b"\n")


def _stands_back(spec: dict[str, Any]) -> bool:
    return not spec["niceness"] or precedence.session_stands_back(spec["niceness"])


def _take_precedence() -> None:
    """Run before what is watched, where we may: a fork bomb must not starve the one that ends it."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except PermissionError:
        return  # an ordinary user's processes are held by RLIMIT_NPROC instead


def _become(spec: dict[str, Any], status: int, bwrap_status: int, group: Path | None) -> None:
    """In the child: enter the cage and execute the command. Never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if group is not None:
            pids_cgroup.join(group)
        _set_limits(spec)
        argv = spec["argv"]
        if spec["backend"] == "bubblewrap":
            program = os.memfd_create("seccomp", 0)
            os.write(program, seccomp.program(spec["sockets"], unix=spec["unix"]))
            os.lseek(program, 0, os.SEEK_SET)
            os.set_inheritable(bwrap_status, True)
            argv = [*spec["bwrap"], "--seccomp", str(program), "--json-status-fd", str(bwrap_status), "--", *argv]
        else:
            os.chdir(spec["cwd"])
        if spec["backend"] == "landlock":
            _restrict(spec)
        # Last, because entering a user namespace forgets it.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # The command is found on the PATH it is given, not on ours.
        os.execvpe(argv[0], argv, spec["env"])
    except FileNotFoundError as missing:
        os.write(status, json.dumps({"missing": str(missing)}).encode() + b"\n")
    except BaseException as error:  # noqa: BLE001  # nothing may run on in this child: every failure is told and ends it
        os.write(status, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n")
    os._exit(127)


def _restrict(spec: dict[str, Any]) -> None:
    if spec["namespaces"]:
        namespaces.enter(
            own_network=spec["own_network"], protected=spec["protected"], covered=spec["covered"], cover=spec["cover"]
        )
    landlock.no_new_privileges()
    namespaces.drop_capabilities()
    landlock.restrict_self(
        read_only=spec["read_only"],
        read_write=[*spec["read_write"], *(["/dev/shm"] if spec["namespaces"] else [])],
        tcp=spec["tcp"],
        tcp_ports=spec["tcp_ports"],
    )
    seccomp.restrict_self(spec["sockets"], unix=spec["unix"])


def _set_limits(spec: dict[str, Any]) -> None:
    precedence.stand_back(spec["niceness"])
    # Data, not address space: run-times such as Node's reserve far more addresses than they ever use.
    wanted = {
        resource.RLIMIT_DATA: spec["memory_bytes"],
        resource.RLIMIT_FSIZE: spec["file_bytes"],
        resource.RLIMIT_CORE: 0,
    }
    if spec["cpu_seconds"]:
        wanted[resource.RLIMIT_CPU] = spec["cpu_seconds"]
    if os.getuid() != 0:  # the kernel does not hold root to it; and it counts all of the user's threads, not the cage's
        wanted[resource.RLIMIT_NPROC] = process_tree.tasks_on_host() + spec["processes"]
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def _watch(spec: dict[str, Any], child: int, lifeline: int, behind: bool) -> tuple[str, int]:
    """Wait for the command, the lifeline or a limit; answers what stopped it ("" for itself) and the exit code."""
    poll = select.poll()
    ended = os.pidfd_open(child)
    poll.register(ended, select.POLLIN)
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    tasks, memory_due = process_tree.tasks_on_host(), time.monotonic() + _MEMORY_SECONDS
    while True:
        behind = behind or _stands_back(spec)
        ready = {descriptor for descriptor, _ in poll.poll(_LOOK_SECONDS * 1000)}
        if ended in ready:
            return "", os.waitstatus_to_exitcode(_wait(child))
        if lifeline in ready:
            return "lifeline", 137
        now = time.monotonic()
        crowded = process_tree.tasks_on_host() > tasks + spec["processes"]
        if crowded or now >= memory_due:
            memory_due = now + _MEMORY_SECONDS
            below = process_tree.descendants(os.getpid())
            if len(below) > spec["processes"]:
                return "processes", 137
            if process_tree.private_memory(below) > spec["memory_bytes"]:
                return "memory", 137


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _wait(child: int) -> int:
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main()
