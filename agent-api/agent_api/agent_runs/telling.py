"""Tells a run while it happens, and ends it when its caller goes away."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agent_api.errors import MainApiAway, MainApiRefused
from agent_api.jobs import JobBoard
from agent_api.listening import until_gone
from services.contract.direct_call import DirectUsage

log = structlog.get_logger(__name__)
Paid = Callable[[], Awaitable[DirectUsage]]
Form = Literal["lines", "events", "one"]
MEDIA_TYPES: dict[Form, str] = {
    "lines": "application/x-ndjson", "events": "text/event-stream", "one": "application/json"
}  # fmt: skip


class RunTelling(Response):
    """The steps as JSON lines or server-sent events, or the result alone.

    With `leash` a caller that goes away interrupts the run: its processes end, and the same id goes on with it.
    """

    def __init__(
        self, board: JobBoard, run_id: str, step: str, name: str, form: Form, leash: bool = False, after: int = 0,
        paid: Paid | None = None,
    ) -> None:  # fmt: skip
        super().__init__(headers={"X-Run-Id": name, "Cache-Control": "no-store"}, media_type=MEDIA_TYPES[form])
        self._board, self._job, self._name = board, (run_id, step), name
        self._form: Form = form
        self._leash, self._after, self._paid = leash, after, paid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        work = asyncio.create_task(self._tell(send, headers))
        watch = asyncio.create_task(until_gone(receive))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            gone = not work.done() or isinstance(work.exception(), OSError)  # a send to nobody
            if gone and self._leash:
                await self._board.interrupt(*self._job)
            elif work.done():
                work.result()
        finally:
            for task in (work, watch):
                task.cancel()
            await asyncio.gather(work, watch, return_exceptions=True)

    async def _tell(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        if self._form != "one":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for line in self._lines():
            if self._form != "one":
                await send({"type": "http.response.body", "body": self._shaped(line), "more_body": True})
        ending = await self._ending()
        if self._form == "one":
            status = 200 if ending["success"] else 409 if ending["state"] == "interrupted" else 502
            await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self._shaped(json.dumps(ending).encode() + b"\n")})

    async def _lines(self) -> AsyncIterator[bytes]:
        async for chunk in self._board.events(*self._job, self._after):
            for line in chunk.splitlines(keepends=True):
                yield line

    async def _ending(self) -> dict[str, Any]:
        """The last line: how the run stands, its result when it has one, and what it cost by the gateway's book."""
        state = self._board.state(*self._job)
        result = state.result.model_dump(mode="json") if state.result else None
        done = state.result is not None and state.result.outcome == "completed"
        told: dict[str, Any] = {"kind": "result", "success": done, "id": self._name, "state": state.state}
        if result is None:
            told["way_out"] = "Send the same id again: it goes on from there."
        return told | {"result": result, "paid": await self._cost()}

    async def _cost(self) -> dict[str, Any] | None:
        if self._paid is None:
            return None
        try:
            return (await self._paid()).model_dump(mode="json")
        except (MainApiAway, MainApiRefused) as error:
            log.warning("agent_run.cost_unknown", run=self._name, error=str(error))
            return None

    def _shaped(self, line: bytes) -> bytes:
        if self._form != "events":
            return line
        value = json.loads(line)
        number = f"id: {value['seq']}\n".encode() if "seq" in value else b""
        return number + f"event: {value['kind']}\n".encode() + b"data: " + line.rstrip(b"\n") + b"\n\n"
