"""The one place that starts git: clean surroundings, a time limit, bounded retries on lock files."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from services.processes.start import start
from services.repos.environment import OVERRIDES, Identity, Pairs, as_variables, clean_environment
from services.repos.errors import GitMissing, GitTimedOut, GitTooOld, RepositoryLocked, WorkspaceMissing
from services.repos.lockfiles import remove_abandoned
from services.repos.refusals import command_of, forbidden, refusal

# merge-tree --write-tree came with 2.38; before 2.39 patch-id sees neither what changed in a binary file nor that a
# line was indented anew (--verbatim), and an approval bound to it would outlive the change.
NEEDED_VERSION = (2, 39)
LOCK_PATIENCE_SECONDS = 5.0
TERM_GRACE_SECONDS = 2.0
FOLLOWED = 20_000  # characters of stderr kept of a call that is followed


def while_locked() -> AsyncRetrying:
    """Tries again while a lock file is in the way, for a few seconds."""
    return AsyncRetrying(
        retry=retry_if_exception_type(RepositoryLocked),
        stop=stop_after_delay(LOCK_PATIENCE_SECONDS),
        wait=wait_random_exponential(multiplier=0.02, max=0.4),
        reraise=True,
    )


@dataclass(frozen=True, slots=True)
class Output:
    """What a git call left: exit code, raw stdout, stderr as text. `cut` means stdout was stopped at the byte limit."""

    code: int
    stdout: bytes
    stderr: str
    cut: bool = False

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace").strip()

    @property
    def names(self) -> tuple[str, ...]:
        """NUL-separated names; bytes that are no UTF-8 are replaced, as the names go to rows and screens."""
        return tuple(name.decode("utf-8", "replace") for name in self.stdout.split(b"\0") if name)


@dataclass(frozen=True, slots=True)
class Where:
    """Which repository a call is about.

    With `git_dir` git neither searches nor reads a `.git` file, which an agent could have rewritten; without it the
    repository is found at `folder`, and never above it. `config` is added to what the runner overrides.
    """

    folder: Path
    git_dir: Path | None = None
    work_tree: Path | None = None
    config: tuple[tuple[str, str], ...] = ()

    def variables(self) -> dict[str, str]:
        """The GIT_ variables that select the repository."""
        if self.git_dir is None:
            return {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        variables = {"GIT_DIR": str(self.git_dir)}
        if self.work_tree is not None:
            variables["GIT_WORK_TREE"] = str(self.work_tree)
        return variables


class Git:
    """Runs git. `owned` is the folder whose repositories are the hub's: there, and only there, an abandoned lock file
    is removed. `spawned` counts the processes started; `guard` is called before each and may refuse by raising."""

    def __init__(
        self,
        identity: Identity,
        owned: Path,
        program: str = "git",
        seconds: float = 120.0,
        guard: Callable[[], None] = lambda: None,
    ) -> None:
        self.owned = owned
        self.program = program
        self.seconds = seconds
        self.spawned = 0
        self._environment = clean_environment(identity, os.environ.get("PATH", os.defpath))
        self._overrides: Pairs = OVERRIDES
        self.guard = guard
        self._checked = False

    def with_environment(self, environment: Mapping[str, str], overrides: Pairs) -> "Git":
        """The same runner in other surroundings: its whole environment, and what is overridden of the configuration."""
        other = copy(self)
        other._environment, other._overrides = dict(environment), overrides
        return other

    def with_protocols(self, protocols: Collection[str]) -> "Git":
        """The same runner, which speaks these alone with other repositories."""
        other = copy(self)
        other._environment = self._environment | {"GIT_ALLOW_PROTOCOL": ":".join(protocols)}
        return other

    def within(self, seconds: float) -> "Git":
        """The same runner with another time limit for a call."""
        other = copy(self)
        other.seconds = seconds
        return other

    async def run(
        self,
        where: Where,
        *args: str,
        stdin: bytes | None = None,
        ok: Collection[int] = (0,),
        variables: Mapping[str, str] | None = None,
        limit: int | None = None,
        patient: bool = True,
        told: Callable[[str], None] | None = None,
    ) -> Output:
        """Run `git *args`. Exit codes outside `ok` raise the error that fits what git said; a lock file held by
        another process is waited for a few seconds. `limit` is the most bytes of stdout kept.
        Not `patient`: tried once, for a call that leaves something half done where a lock stops it. `told` gets what
        git says on stderr while it says it."""
        environment = (
            self._environment | as_variables(self._overrides + where.config) | where.variables() | dict(variables or {})
        )
        if not patient:
            return await self._once(where, args, stdin, ok, environment, limit, told)
        async for attempt in while_locked():
            with attempt:
                return await self._once(where, args, stdin, ok, environment, limit, told)
        raise AssertionError("tenacity ends by returning or raising")

    async def check_version(self) -> None:
        """Raise GitMissing or GitTooOld; asks git once per process."""
        if self._checked:
            return
        said = (await self.run(Where(Path("/")), "version")).text
        found = re.search(r"(\d+)\.(\d+)", said)
        if found is None or (int(found[1]), int(found[2])) < NEEDED_VERSION:
            needed = ".".join(map(str, NEEDED_VERSION))
            raise GitTooOld(f"This machine has {said or 'an unknown git'}.", f"Install git {needed} or newer.")
        self._checked = True

    async def _once(
        self,
        where: Where,
        args: tuple[str, ...],
        stdin: bytes | None,
        ok: Collection[int],
        environment: Mapping[str, str],
        limit: int | None,
        told: Callable[[str], None] | None,
    ) -> Output:
        output = await self._spawn(where, args, stdin, environment, limit, told)
        if output.code in ok or output.cut:
            return output
        error = refusal(args, output.code, output.stderr, str(where.work_tree or where.folder))
        lock = Path(str(error.data.get("lock", "/")))
        if isinstance(error, RepositoryLocked) and lock.is_relative_to(self.owned):
            remove_abandoned(lock)
        raise error

    async def _spawn(
        self,
        where: Where,
        args: tuple[str, ...],
        stdin: bytes | None,
        environment: Mapping[str, str],
        limit: int | None,
        told: Callable[[str], None] | None,
    ) -> Output:
        self.guard()
        self.spawned += 1
        try:
            process = await start(
                _stop,
                self.program,
                *args,
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=where.folder,
                env=environment,
                start_new_session=True,  # Ctrl-C in the hub's terminal must not stop git halfway
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            if where.folder.is_dir():
                raise GitMissing("There is no git program on this machine.", "Install git and try again.") from error
            raise WorkspaceMissing(f"The folder {where.folder} is gone.", "Bring it back and try again.") from error
        except PermissionError as error:
            raise forbidden(str(where.folder)) from error
        try:
            async with asyncio.timeout(self.seconds):
                if told is not None:
                    return await _follow(process, told)
                return await _collect(process, stdin, limit)
        except TimeoutError as error:
            raise GitTimedOut(
                f"git {command_of(args)} took longer than {self.seconds:g} s in {where.folder} and was stopped.",
                "Look at what keeps the disk busy, and try again.",
            ) from error
        finally:
            if process.returncode is None:
                await _stop(process)


async def _collect(process: Process, stdin: bytes | None, limit: int | None) -> Output:
    """Feed and drain the process. Past `limit` bytes it is stopped: what follows is of no interest."""
    if limit is None:
        stdout, stderr = await process.communicate(stdin)
        return Output(process.returncode or 0, stdout, stderr.decode("utf-8", "replace"))
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    kept = bytearray()
    while len(kept) <= limit and (chunk := await process.stdout.read(65536)):
        kept += chunk
    cut = len(kept) > limit
    if cut:
        await _stop(process)
    code = await process.wait()
    return Output(code, bytes(kept[:limit]), (await errors).decode("utf-8", "replace"), cut)


async def _follow(process: Process, told: Callable[[str], None]) -> Output:
    """Drain a process whose stdout is of no interest; of what it says on stderr the last is kept."""
    assert process.stderr is not None and process.stdout is not None
    rest = asyncio.create_task(process.stdout.read())
    said = ""
    while chunk := await process.stderr.read(4096):
        text = chunk.decode("utf-8", "replace")
        said = (said + text)[-FOLLOWED:]
        told(text)
    await rest
    return Output(await process.wait(), b"", said.replace("\r", "\n"))


async def _stop(process: Process) -> None:
    """End git and its children: asked first, for git removes its lock files when it is, then killed."""
    for sign, grace in ((signal.SIGTERM, TERM_GRACE_SECONDS), (signal.SIGKILL, TERM_GRACE_SECONDS)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await process.wait()
                return
