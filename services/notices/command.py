"""One run of the person's own command, with the item as JSON on its standard input."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Any

from services.processes.start import start

KEPT = 300  # characters of what it said
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


async def run(command: list[str], body: dict[str, Any], seconds: float) -> tuple[bool, str]:
    """Whether it ended with 0 in time, and a sentence. No shell, a clean environment (none of the hub's secrets), the
    whole process group ended when its time is over."""
    environment = {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
    try:
        process = await start(
            _end, *command, env=environment, cwd="/", start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        return False, f"The command can't be started: {error.strerror}."
    try:
        async with asyncio.timeout(seconds):
            said = await _talk(process, json.dumps(body, ensure_ascii=False).encode())
            code = await process.wait()
    except TimeoutError:
        return False, f"The command did not end within {seconds:g} s and was ended."
    finally:
        await _end(process)
    return code == 0, f"The command ended with {code}{': ' + said if said and code else ''}."


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind, too
    await process.wait()


async def _talk(process: Process, given: bytes) -> str:
    """Writes all and reads all, and keeps only the end: a command that floods costs no memory."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it need not read
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()
    end = b""
    while part := await process.stdout.read(65_536):
        end = (end + part)[-KEPT * 4 :]
    return " ".join(end.decode("utf-8", "replace").split())[-KEPT:]
