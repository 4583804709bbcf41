"""Run the `rg` program in a folder that is held by a descriptor, and read what it says in bulk."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence

from agent_api.cage import landlock
from agent_api.errors import ToolRefused
from agent_api.settings import find_program
from agent_api.workspace_tools.spawn import Spawned, spawn

_LONGEST_LINE = 1 << 20
_CHUNK = 1 << 18
_MOST_COMPLAINTS = 65_536
_ABOUT_A_FILE = re.compile(r"(rg: )?.*\(os error \d+\)")
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")  # where rg is linked dynamically


class Ripgrep:
    """One run of rg; afterwards `overlong` counts lines above 1 MiB that are left out, `unreadable` files it told of.

    Ignore files of the folder are respected, the user's own settings are not. It runs under Landlock where the kernel
    has it: a file that is swapped for a symlink while rg walks leads nowhere.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: int,
        seconds: float,
        stdin: int | None = None,
        separator: bytes = b"\n",
    ) -> None:
        self._arguments, self._folder, self._stdin = arguments, folder, stdin
        self._seconds, self._separator = seconds, separator
        self.overlong = 0
        self.unreadable = 0

    async def each(self, take: Callable[[list[bytes]], bool]) -> None:
        """Give its output to `take`, some lines at a time, until it ends or `take` answers that it has enough.

        Raises ToolRefused for a pattern that rg does not understand, or when the time is over.
        """
        process = await self._start()
        complaints = asyncio.create_task(_bounded(process.stderr))
        enough = True
        try:
            async with asyncio.timeout(self._seconds):
                enough = await self._feed(process.stdout, take)
                if not enough and await process.wait() == 2:
                    self._judge(await complaints)
        except TimeoutError as error:
            raise ToolRefused(f"The search took more than {self._seconds:g} seconds.", "Narrow it.") from error
        finally:
            if enough:
                process.kill()
            while await process.stdout.read(_CHUNK):
                pass  # what it had said when it was ended
            await process.wait()
            await complaints
            process.close()

    def notes(self) -> list[str]:
        told: list[str] = []
        if self.overlong:
            told.append(f"{self.overlong} lines above {_LONGEST_LINE} bytes are left out.")
        if self.unreadable:
            told.append(f"{self.unreadable} files or folders could not be opened.")
        return told

    async def _start(self) -> Spawned:
        program = find_program("rg")
        if program is None:
            raise ToolRefused("The rg program is missing.", "Install the agent extra again, or ripgrep.")
        command = [str(program), "--no-config", "--hidden", "--glob", "!.git", *self._arguments]
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        ruleset = _ruleset(self._folder, str(program))
        try:
            return await spawn(
                command, folder=self._folder, stdin=self._stdin, environment=environment, ruleset=ruleset
            )
        finally:
            if ruleset is not None:
                os.close(ruleset)

    async def _feed(self, stream: asyncio.StreamReader, take: Callable[[list[bytes]], bool]) -> bool:
        rest, dropping = b"", False
        while chunk := await stream.read(_CHUNK):
            *whole, rest = (rest + chunk).split(self._separator)
            if dropping and whole:
                del whole[0]
                dropping = False
            if len(rest) > _LONGEST_LINE:
                self.overlong += not dropping
                rest, dropping = b"", True
            if whole and take(whole):
                return True
            await asyncio.sleep(0)  # others go on between two chunks, also where more is there already
        return False

    def _judge(self, said: bytes) -> None:
        """rg ends with 2 for a bad pattern, and for files that it could not open while it found others."""
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        if lines and all(_ABOUT_A_FILE.fullmatch(line) for line in lines):
            self.unreadable = len(lines)
            return
        sentence = " ".join(" ".join(lines).split())[:500] or "rg did not say why."
        raise ToolRefused(f"The search failed: {sentence}", "Patterns are regular expressions of ripgrep.")


def _ruleset(folder: int, program: str) -> int | None:
    if landlock.abi_version() < 3:
        return None
    return landlock.make_ruleset(
        searched=[f"/proc/self/fd/{folder}"], read_only=[program, *_SYSTEM], read_write=(), tcp=True
    )


async def _bounded(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept += chunk[: max(0, _MOST_COMPLAINTS - len(kept))]
    return kept[: kept.rfind(b"\n") + 1] or kept
