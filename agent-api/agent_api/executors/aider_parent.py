"""The warm Aider process, as agent-api holds it: started when needed, kept while there is work, ended when idle."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from agent_api.aider_worker.protocol import LINE_BYTES
from agent_api.errors import StepFailed, StepLost
from services.processes.start import start

log = structlog.get_logger()

WORKER = Path(__file__).resolve().parent.parent / "aider_worker" / "__main__.py"
START_SECONDS = 60

OnEvent = Callable[[dict[str, Any]], object]


def worker_command(python: Path) -> list[str]:
    """Starts the worker by path, with nothing of agent-api's environment in front of Aider's."""
    return [str(python), "-s", "-P", str(WORKER)]


def worker_environment(home: Path) -> dict[str, str]:
    """Clean, and the same for every start: a prompt must not depend on who started agent-api."""
    kept = {name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
    fixed = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm", "PYTHONHASHSEED": "0"}
    return kept | fixed


@dataclass(slots=True)
class _Edit:
    """`error` is what `on_event` raised: the edit is being ended, and it is what came of it."""

    process: asyncio.subprocess.Process | None
    on_event: OnEvent
    result: asyncio.Future[dict[str, Any]]
    error: Exception | None = None


class AiderParent:
    """One process of Aider's environment and the edits that run in it.

    `wrap` may put a cage in front of the command (the cold run under bubblewrap); it ends when idle for
    `idle_seconds`, and is started again by the next edit, also when it died.
    """

    def __init__(
        self, python: Path, home: Path, idle_seconds: float, wrap: Callable[[list[str]], list[str]] = lambda argv: argv
    ) -> None:
        self._python, self._home, self._idle_seconds, self._wrap = python, home, idle_seconds, wrap
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: asyncio.Future[dict[str, Any]] | None = None
        self._edits: dict[str, _Edit] = {}
        self._starting = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that is warm now; None when there is none."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process else None

    async def warm(self) -> dict[str, Any]:
        """Start it if it is not there, wait until Aider is imported. Answers `seconds`, `threads`, `python`.

        Raises StepFailed(setup_failed) when Aider's environment does not work.
        """
        async with self._starting:
            if self.pid is None or self._ready is None or (self._ready.done() and self._ready.exception()):
                await self._start()
            assert self._ready is not None
            try:
                answer = await asyncio.wait_for(asyncio.shield(self._ready), START_SECONDS)
            except TimeoutError as error:
                await self.close()
                raise StepFailed("setup_failed", f"Aider did not start within {START_SECONDS} s.", _WAY_OUT) from error
        self._wait_for_work()
        return answer

    async def edit(self, request: dict[str, Any], on_event: OnEvent) -> dict[str, Any]:
        """Carry one edit out. `request` are the fields of EditRequest. Cancelling this ends the edit's process."""
        self._keep()
        await self.warm()
        self._keep()
        loop = asyncio.get_running_loop()
        result: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._edits[request["id"]] = _Edit(self._process, on_event, result)
        try:
            await self._send({"op": "edit"} | request)
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            with contextlib.suppress(StepLost, TimeoutError):
                await self._send({"op": "cancel", "id": request["id"]})
                await asyncio.wait_for(asyncio.shield(result), 5)
            raise
        finally:
            self._edits.pop(request["id"], None)
            if result.done() and not result.cancelled():
                result.exception()  # seen: a cancelled edit's loss is nobody's
            self._wait_for_work()

    async def close(self) -> None:
        """End the process and, with it, every edit."""
        self._keep()
        process, self._process = self._process, None
        if process is None:
            return
        await _end(process)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start(self) -> None:
        await self.close()
        if not self._python.is_file():
            raise StepFailed("setup_failed", f"Aider's environment is not there ({self._python}).", _WAY_OUT)
        self._home.mkdir(parents=True, exist_ok=True)
        self._ready = asyncio.get_running_loop().create_future()
        pipe = asyncio.subprocess.PIPE
        self._process = process = await start(
            _end, *self._wrap(worker_command(self._python)),
            stdin=pipe, stdout=pipe, stderr=pipe, limit=LINE_BYTES, cwd=self._home,
            env=worker_environment(self._home), start_new_session=True,
        )  # fmt: skip
        for work in (self._read(process, self._ready), self._log_errors(process)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, message: dict[str, Any]) -> None:
        stdin = self._write(message)
        if stdin is None:
            raise StepLost("crashed", _LOST)
        try:
            await stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise StepLost("crashed", _LOST) from error

    def _write(self, message: dict[str, Any]) -> asyncio.StreamWriter | None:
        stdin = self._process.stdin if self._process is not None else None
        if stdin is not None:
            stdin.write(json.dumps(message).encode() + b"\n")
        return stdin

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Future[dict[str, Any]]) -> None:
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                self._hear(line, ready)
        finally:
            await _end(process)
            if not ready.done():
                ready.set_exception(StepFailed("setup_failed", "Aider's environment does not start.", _WAY_OUT))
            for edit in self._edits.values():
                if edit.process is process and not edit.result.done():
                    edit.result.set_exception(StepLost("crashed", _LOST))

    def _hear(self, line: bytes, ready: asyncio.Future[dict[str, Any]]) -> None:
        try:
            message = json.loads(line)
            if "ready" in message:
                ready.set_result(message["ready"])
            else:
                self._dispatch(message["id"], message)
        except (ValueError, TypeError, KeyError, asyncio.InvalidStateError) as error:
            log.error("aider_line", line=line[:2000].decode(errors="replace"), error=repr(error))

    def _dispatch(self, id: str, message: dict[str, Any]) -> None:
        """What one edit's listener can't take ends that edit, and no other."""
        edit = self._edits.get(id)
        if edit is None or edit.result.done():
            return
        if "result" in message:
            edit.result.set_exception(edit.error) if edit.error else edit.result.set_result(message["result"])
        elif edit.error is None:
            try:
                edit.on_event(message)
            except Exception as error:  # noqa: BLE001 - a listener's fault is its edit's, whatever it is
                log.warning("aider_event", id=id, error=repr(error))
                edit.error = error
                self._write({"op": "cancel", "id": id})

    async def _log_errors(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            log.warning("aider_stderr", text=line.decode(errors="replace").rstrip()[:2000])

    def _wait_for_work(self) -> None:
        self._keep()
        if not self._edits and self._process is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_seconds, self._end_idle)

    def _keep(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_idle(self) -> None:
        if not self._edits and self._process is not None and self._process.stdin is not None:
            log.info("aider_idle", pid=self._process.pid, seconds=self._idle_seconds)
            self._process.stdin.close()  # the worker ends when its input does
            self._process = None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill and reap. Not by `process.kill()`: that reaps behind asyncio's back when the process just ended."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


_WAY_OUT = "Run ./start.sh again: it makes Aider's environment; or set AIDER_PYTHON to a Python that has aider-chat."
_LOST = "Aider's process ended in the middle of the edit. Nothing is lost: the step is safe to do again."
