"""A project's own environment: built once per content of its inputs, in the cage, then read-only."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from agent_api.cage.policy import CageLimits, ResolvedCage
from agent_api.cage.run import run_caged
from agent_api.confine import Workspace
from agent_api.errors import StepFailed, ToolRefused
from agent_api.executors import Job
from agent_api.executors.compiled import compile_environment
from agent_api.executors.old_environments import MARKER, sweep, touch
from agent_api.executors.output_events import OutputEvents
from agent_api.settings import find_program
from services.contract.run_spec import CommandSettings
from services.redaction import KNOWN

_LARGEST_INPUT = 10_000_000
_NETWORK_PREFIXES = ("UV_", "PIP_", "NPM_CONFIG_")
_NETWORK_NAMES = frozenset(
    f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO", "http", "https", "all", "no")
) | {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
     "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}  # fmt: skip


async def prepare(job: Job, settings: CommandSettings) -> Path | None:
    """The folder of the environment that `setup` builds, built now if it is not there; None without a setup.

    The worktree is read-only meanwhile: what is built serves every worktree with the same inputs. Raises StepFailed
    (`setup_failed`) with the end of what the setup said; its whole output is kept as an artifact.
    """
    if not settings.setup:
        return None
    folder = job.settings.envs_dir / await asyncio.to_thread(_key, job.worktree, settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    async with _locked(folder.with_suffix(".lock")):
        if not (folder / MARKER).is_file():
            # A virtual environment cannot be moved, so it is built in its place; the marker says it is whole.
            await asyncio.to_thread(shutil.rmtree, folder, True)
            folder.mkdir()
            await _build(job, settings, folder)
            (folder / MARKER).touch()
            own = job.settings
            await asyncio.to_thread(sweep, own.envs_dir, own.setup_keep_days, own.setup_most_bytes)
        else:
            touch(folder)
    return folder


def tools_path(scratch: Path) -> Path:
    """A folder for PATH that holds `uv` and nothing else of ours."""
    folder = scratch / "bin"
    folder.mkdir(exist_ok=True)
    uv = find_program("uv")
    if uv is not None and not (folder / "uv").exists():
        (folder / "uv").symlink_to(uv)
    return folder


def python_path() -> Path:
    """Where the Python that we run on lies, without our packages: the last resort where the host has no other."""
    return Path(os.path.realpath(sys.executable)).parent


async def _build(job: Job, settings: CommandSettings, folder: Path) -> None:
    job.emit("notice", "Building the project's environment.")
    network = settings.setup_network
    output = OutputEvents(job.emit, job.spec.limits.output_bytes, source="setup")
    env = {"WFHUB_ENV": str(folder), "UV_LINK_MODE": "copy", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    limits = CageLimits(
        seconds=job.settings.setup_timeout_seconds,
        output_bytes=job.spec.limits.output_bytes,
        memory_bytes=job.spec.limits.memory_bytes,
        file_bytes=job.spec.limits.file_bytes,
        processes=job.spec.limits.processes,
    )
    done = await run_caged(
        ["bash", "-c", settings.setup or ""],
        cwd=job.worktree,
        cage=_cage(job, folder, network),
        limits=limits,
        env=env | (network_environment() if network else {}),
        path_first=(folder / "bin", tools_path(job.scratch)),
        path_last=(python_path(),),
        on_output=output,
        on_spawn=job.own_group,
    )
    output.flush()
    job.keep("setup.log", "log", done.output, "text/plain")
    if done.exit_code != 0 or done.stopped_by:
        why = f"was stopped ({done.stopped_by})" if done.stopped_by else f"ended with exit code {done.exit_code}"
        said = KNOWN(done.text).strip()[-800:]
        raise StepFailed(
            "setup_failed",
            f"The setup that builds the project's environment {why}: {said or 'it said nothing'}",
            "It may write to $WFHUB_ENV only, not to the worktree, and needs setup_network to download.",
        )
    await compile_environment(folder, job.worktree, _cage(job, folder, False), limits, job.own_group)


def _cage(job: Job, folder: Path, network: bool) -> ResolvedCage:
    certificates = (Path(os.environ[name]) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
    cache = Path(os.environ["UV_CACHE_DIR"]) if os.environ.get("UV_CACHE_DIR") else None
    etc = [Path("/etc") / name for name in ("hosts", "resolv.conf", "ssl", "ca-certificates", "pki", "pip.conf")]
    shown = [*(etc if network else ()), *(certificates if network else ()), job.worktree]
    written = [path for path in job.cage.read_write if path != job.worktree]
    return replace(
        job.cage,
        network=network,
        read_only=(*job.cage.read_only, *(path for path in shown if path.exists())),
        read_write=(*written, folder, *([cache] if network and cache and cache.is_dir() else [])),
    )


def network_environment() -> dict[str, str]:
    """The owner's package index, proxy and certificates; nothing else of our environment goes into the cage."""
    wanted = {name: value for name, value in os.environ.items() if name in _NETWORK_NAMES}
    return wanted | {name: value for name, value in os.environ.items() if name.startswith(_NETWORK_PREFIXES)}


def _key(worktree: Path, settings: CommandSettings) -> str:
    """A name for the environment: its recipe, the inputs' contents, and the Python it may be built from."""
    digest = hashlib.sha256()
    for part in (settings.setup or "", sys.version, sys.platform, str(settings.setup_network)):
        digest.update(part.encode() + b"\0")
    with Workspace(worktree) as inside:
        for path in settings.setup_inputs:
            try:
                content, size = inside.read_bytes(path, _LARGEST_INPUT)
            except ToolRefused:
                content, size = b"", -1  # a lock file that is not there yet is an input too
            digest.update(f"{path}\0{size}\0".encode() + content)
    return digest.hexdigest()[:32]


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """One builder of an environment at a time, over all processes of the hub."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield
    finally:
        os.close(descriptor)
