"""Start a program of ours under Landlock without a copy of this process, and read it from the event loop."""

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import IO

from agent_api.cage import landlock

_BUFFER = 1 << 18


class Spawned:
    """A running program, read through `stdout` and `stderr`. `close` it when it is over."""

    def __init__(self, process: subprocess.Popen[bytes], pidfd: int) -> None:
        self._process, self._pidfd = process, pidfd
        self._transports: list[asyncio.BaseTransport] = []
        self.stdout = asyncio.StreamReader(_BUFFER)
        self.stderr = asyncio.StreamReader(_BUFFER)

    async def wait(self) -> int:
        """Its exit code, negative for a signal."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._pidfd, ended.set)
        try:
            while (code := self._process.poll()) is None:
                await ended.wait()
        finally:
            loop.remove_reader(self._pidfd)
        return code

    def kill(self) -> None:
        self._process.kill()  # subprocess looks first whether it has ended, so nobody else's number is signalled

    def close(self) -> None:
        for transport in self._transports:
            transport.close()
        os.close(self._pidfd)

    async def listen(self) -> None:
        for pipe, reader in ((self._process.stdout, self.stdout), (self._process.stderr, self.stderr)):
            assert pipe is not None  # asked for
            self._transports.append(await _connect(pipe, reader))


async def spawn(
    command: Sequence[str], *, folder: int, stdin: int | None, environment: dict[str, str], ruleset: int | None
) -> Spawned:
    """Start `command` in the folder of that descriptor, with nothing or `stdin` to read, under Landlock's `ruleset`.

    A thread of its own takes the rules, which hold for what it starts and end with it: so the program is started by
    vfork. Rules taken between fork and exec instead cost a copy of this process's page tables, some 10 ms.
    """
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)  # the thread may not open it any more

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=f"/proc/self/fd/{folder}",
            stdin=nothing if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
        )

    try:
        process = start() if ruleset is None else _under(ruleset, start)
    finally:
        os.close(nothing)
    spawned = Spawned(process, os.pidfd_open(process.pid))
    try:
        await spawned.listen()
    except BaseException:
        process.kill()
        process.wait()
        spawned.close()
        raise
    return spawned


def _under(ruleset: int, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    started: Future[subprocess.Popen[bytes]] = Future()

    def restricted() -> None:
        try:
            landlock.enter(ruleset)
            started.set_result(start())
        except (OSError, ValueError) as error:
            started.set_exception(error)

    thread = threading.Thread(target=restricted, name="spawn")
    thread.start()
    thread.join()  # a few milliseconds; an await here could be cancelled with the program running and nobody's
    return started.result(timeout=0)


async def _connect(pipe: IO[bytes], reader: asyncio.StreamReader) -> asyncio.BaseTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return transport
