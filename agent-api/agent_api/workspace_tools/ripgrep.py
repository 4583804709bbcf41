"""Run the `rg` program in a folder that is held by a descriptor."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Sequence

from agent_api.errors import ToolRefused
from agent_api.settings import find_program

_SECONDS = 30
_LONGEST_LINE = 1 << 20


async def lines(arguments: Sequence[str], *, folder: int, stdin: int | None = None) -> AsyncGenerator[bytes]:
    """Output lines of `rg` run in the folder of this descriptor; stopping the iteration ends the program.

    Ignore files of the folder are respected, the user's own settings are not. A line longer than 1 MiB is left out.
    Raises ToolRefused for a pattern that rg does not understand, or after 30 seconds.
    """
    program = find_program("rg")
    if program is None:
        raise ToolRefused("The rg program is missing.", "Install the agent extra again, or ripgrep.")
    process = await asyncio.create_subprocess_exec(
        *(str(program), "--no-config", "--hidden", "--no-messages", "--glob", "!.git", *arguments),
        cwd=f"/proc/self/fd/{folder}",
        stdin=asyncio.subprocess.DEVNULL if stdin is None else stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        limit=_LONGEST_LINE,
    )
    assert process.stdout is not None and process.stderr is not None  # asked for above
    complaint = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                try:
                    line = await process.stdout.readline()
                except ValueError:
                    continue  # longer than the limit; asyncio has dropped it
                if not line:
                    break
                yield line
            if await process.wait() == 2 and (said := (await complaint).decode(errors="replace").strip()):
                raise ToolRefused(f"The search failed: {said[:500]}", "Patterns are regular expressions of ripgrep.")
    except TimeoutError as error:
        raise ToolRefused(f"The search took more than {_SECONDS} seconds.", "Narrow it by path or glob.") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await complaint
