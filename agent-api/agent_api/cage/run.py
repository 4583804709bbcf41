"""Run one command in a cage: the single way in for executors, tools and the setup of a project's environment."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_api import hold
from agent_api.cage import bubblewrap
from agent_api.cage.guard import Guard
from agent_api.cage.output import BoundedOutput
from agent_api.cage.policy import Backend, CageLimits, ResolvedCage
from agent_api.cage.secrets import with_secrets_covered
from agent_api.errors import CageUnavailable
from services.processes.start import start

_LAUNCH = Path(__file__).with_name("launch.py")
_CHUNK = 65536
_GRACE_SECONDS = 15
_FLOOD_BYTES = 64 * 2**20  # a command that writes more than this, and than its output limit, is stopped


@dataclass(frozen=True, slots=True)
class Completed:
    """How a caged command ended.

    `exit_code` is 128+n after signal n, as in a shell. `output` is standard output (and error, unless split), its
    middle cut out and said so when it was longer than the limit. `stopped_by` is empty, `time_limit`, `processes`,
    `memory` or `output_limit`. `tampered` names protected files that the command had changed (they are put back),
    `covered` the worktree's secrets that it could not read.
    """

    exit_code: int
    output: bytes
    errors: bytes
    total_bytes: int
    truncated: bool
    stopped_by: str
    seconds: float
    cage: Backend
    tampered: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()

    @property
    def timed_out(self) -> bool:
        return self.stopped_by == "time_limit"

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")


async def run_caged(
    argv: Sequence[str],
    *,
    cwd: Path,
    cage: ResolvedCage,
    limits: CageLimits,
    env: Mapping[str, str] | None = None,
    path_first: Sequence[Path] = (),
    path_last: Sequence[Path] = (),
    on_output: Callable[[bytes], None] | None = None,
    on_spawn: Callable[[int], None] | None = None,
    split_errors: bool = False,
) -> Completed:
    """Run `argv` in `cwd` inside `cage`, with a clean environment plus `env`; `path_first` and `path_last` are
    put around the system's PATH.

    The command, and all it left behind, is ended at the time limit, when the caller is cancelled, and when this
    process dies. `on_spawn` is given the id of its process group. Raises CageUnavailable when the cage could not be
    built; a command that does not exist is exit code 127, as in a shell.
    """
    cage = await with_secrets_covered(cage)
    spec = _spec(argv, cwd, cage, limits, _environment(cage, env or {}, path_first, path_last))
    spec_fd, status_fd = os.memfd_create("spec"), os.memfd_create("status")
    lifeline_read, lifeline = os.pipe()
    guard = Guard(cage.protected if cage.backend == "landlock" and not cage.host.namespaces else ())
    started = time.monotonic()

    async def hang_up(process: Process) -> None:
        nonlocal lifeline
        os.close(lifeline)
        lifeline = -1
        await asyncio.shield(_ended(process))

    try:
        os.write(spec_fd, json.dumps(spec).encode())
        os.lseek(spec_fd, 0, os.SEEK_SET)
        process = await start(
            hang_up,
            *(sys.executable, "-S", "-E", str(_LAUNCH), str(spec_fd), str(lifeline_read), str(status_fd)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if split_errors else asyncio.subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(spec_fd, lifeline_read, status_fd),
            env={},
        )
        try:
            if (job := hold.current()) is not None:
                job.watch(process.pid, itself=False)
            if on_spawn is not None:
                on_spawn(process.pid)
            output, errors, stopped = await _follow(process, limits, on_output)
        finally:
            await hang_up(process)
        status = _status(os.pread(status_fd, 1 << 20, 0))
    finally:
        for descriptor in (spec_fd, status_fd, lifeline_read, lifeline):
            if descriptor >= 0:
                os.close(descriptor)
    tampered = guard.put_back()
    if "error" in status:
        said = (errors if split_errors else output).kept().decode(errors="replace").strip()[-500:]
        raise CageUnavailable(f"The {cage.backend} cage could not be built: {status['error']} {said}".strip())
    code = 127 if "missing" in status else int(status.get("exit", 137))
    return Completed(
        exit_code=128 - code if code < 0 else code,
        output=output.kept() or str(status.get("missing", "")).encode(),
        errors=errors.kept(),
        total_bytes=output.total,
        truncated=output.truncated or errors.truncated,
        stopped_by=stopped or status.get("stopped", ""),
        seconds=time.monotonic() - started,
        cage=cage.backend,
        tampered=tampered,
        covered=tuple(str(path.relative_to(cage.covers)) for path in cage.covered if cage.covers is not None),
    )


async def _follow(
    process: Process, limits: CageLimits, on_output: Callable[[bytes], None] | None
) -> tuple[BoundedOutput, BoundedOutput, str]:
    """Read both streams to their ends; answers what was kept, and what stopped the command, if we did."""
    output, errors = BoundedOutput(limits.output_bytes), BoundedOutput(limits.output_bytes)

    async def read(stream: asyncio.StreamReader | None, into: BoundedOutput) -> None:
        while stream is not None and (chunk := await stream.read(_CHUNK)):
            into.add(chunk)
            if on_output is not None and into is output:
                on_output(chunk)
            if into.total > max(limits.output_bytes, _FLOOD_BYTES):
                raise _Flooded

    try:
        async with hold.within(limits.seconds):
            await asyncio.gather(read(process.stdout, output), read(process.stderr, errors))
            await process.wait()
    except TimeoutError:
        return output, errors, "time_limit"
    except _Flooded:
        return output, errors, "output_limit"
    return output, errors, ""


class _Flooded(Exception):
    """The command writes without end."""


async def _ended(process: Process) -> None:
    """Wait for the launch program, which ends all below it once the lifeline is closed; kill the group if it hangs.

    What is still in the pipes is read away, so that they are closed before the caller goes on.
    """
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await asyncio.gather(process.wait(), _read_away(process.stdout), _read_away(process.stderr))
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _read_away(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(_CHUNK):
        pass


def _status(raw: bytes) -> dict[str, Any]:
    """What the launch program wrote: one JSON object a line, later ones adding to earlier ones."""
    status: dict[str, Any] = {}
    for line in raw.splitlines():
        status |= json.loads(line)
    return status


def _spec(
    argv: Sequence[str], cwd: Path, cage: ResolvedCage, limits: CageLimits, env: Mapping[str, str]
) -> dict[str, Any]:
    own_network = cage.host.namespaces and not cage.network and not cage.tcp_ports
    private = cage.backend == "bubblewrap" or own_network
    return {
        "argv": list(argv),
        "cwd": str(cwd),
        "env": dict(env),
        "backend": cage.backend,
        "bwrap": bubblewrap.arguments(cage, cwd) if cage.backend == "bubblewrap" else [],
        "read_only": [str(path) for path in cage.read_only],
        "read_write": [str(path) for path in cage.read_write],
        "protected": [str(path) for path in cage.protected],
        "covered": [str(path) for path in cage.covered],
        "cover": str(cage.cover),
        "namespaces": cage.host.namespaces,
        "own_network": own_network,
        "tcp": cage.network or private,
        "tcp_ports": list(cage.tcp_ports),
        "sockets": "ip" if cage.network or private else "tcp" if cage.tcp_ports else "none",
        # A socket file can be connected to wherever it lies, and abstract names are the host's own: UNIX sockets only
        # where neither is in view.
        "unix": cage.backend == "bubblewrap" and not cage.network,
        "niceness": cage.niceness,
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "processes": limits.processes,
        "cpu_seconds": limits.cpu_seconds,
    }


def _environment(
    cage: ResolvedCage, env: Mapping[str, str], path_first: Sequence[Path], path_last: Sequence[Path]
) -> dict[str, str]:
    path = [*(str(folder) for folder in path_first), "/usr/local/bin", "/usr/bin", "/bin"]
    path += [str(folder) for folder in path_last]
    return {
        "PATH": ":".join(path),
        "HOME": str(cage.tmp),
        "TMPDIR": str(cage.tmp),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "GIT_OPTIONAL_LOCKS": "0",
        "PYTHONPYCACHEPREFIX": str(cage.tmp / "pycache"),
        **env,
    }
