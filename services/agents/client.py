"""Talks to one agent-api: start a job, follow its events, take its result and artifacts, cancel it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import httpx
import structlog

from services.agents.errors import AgentBusy, AgentRefused, AgentUnreachable
from services.contract.feedback import Feedback, FeedbackTaken
from services.contract.run_event import RunEvent
from services.contract.run_result import JobState
from services.contract.run_spec import ON_THE_WIRE, RunSpec
from services.logs.request_id import HEADER
from services.trusted import trusted_for


class Agent(Protocol):
    """What the orchestrator needs of an agent; `fake.py` is the other one that fulfils it."""

    name: str

    async def start(self, spec: RunSpec) -> JobState: ...
    async def state(self, run_id: str, step: str) -> JobState | None: ...
    def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]: ...
    async def artifact(self, run_id: str, step: str, sha256: str) -> bytes: ...
    async def tell(self, run_id: str, step: str, said: Feedback) -> FeedbackTaken: ...
    async def cancel(self, run_id: str, step: str) -> None: ...
    async def pause(self, run_id: str, step: str) -> JobState | None: ...
    async def resume(self, run_id: str, step: str) -> JobState | None: ...
    async def close(self) -> None: ...


class AgentClient:
    """An agent over HTTP. Every failure to reach it is AgentUnreachable, so that callers can wait it out.

    One that says nothing for `silence` seconds counts as out of reach: frozen, or its machine lost power. Every call
    may be made again; so is the one for events where the job merely had none to tell.
    `guard` is called before each request and may refuse by raising.
    """

    def __init__(
        self,
        url: str,
        token: str,
        name: str = "local",
        timeout: float = 30.0,
        guard: Callable[[], None] = lambda: None,
        silence: float = 60.0,
    ) -> None:
        async def ask_guard(request: httpx.Request) -> None:
            guard()
            bound = structlog.contextvars.get_contextvars()
            if number := bound.get("request_id") or bound.get("run_id"):  # so that both logs tell of the same thing
                request.headers[HEADER] = number

        self.name = name
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(min(timeout, silence), read=silence, pool=None),
            verify=trusted_for(url),
            trust_env=False,
            event_hooks={"request": [ask_guard]},
        )

    async def start(self, spec: RunSpec) -> JobState:
        body = spec.model_dump_json(context=ON_THE_WIRE)
        answer = await self._call(
            "PUT", _path(spec.run_id, spec.step), content=body, headers={"Content-Type": "application/json"}
        )
        return JobState.model_validate_json(answer.content)

    async def state(self, run_id: str, step: str) -> JobState | None:
        """The job as it stands, or None where the agent has never heard of it."""
        answer = await self._call("GET", _path(run_id, step), allow_missing=True)
        return None if answer.status_code == 404 else JobState.model_validate_json(answer.content)

    async def events(self, run_id: str, step: str, after: int) -> AsyncIterator[RunEvent]:
        """Events after that number, live, until the job is over."""
        async with (
            _reachable(),
            self._http.stream("GET", f"{_path(run_id, step)}/events", params={"after": after}) as answer,
        ):
            if answer.status_code >= 400:
                await answer.aread()
                _refuse(answer)
            async for line in answer.aiter_lines():
                if line.strip():
                    yield RunEvent.model_validate_json(line)

    async def artifact(self, run_id: str, step: str, sha256: str) -> bytes:
        return (await self._call("GET", f"{_path(run_id, step)}/artifacts/{sha256}")).content

    async def tell(self, run_id: str, step: str, said: Feedback) -> FeedbackTaken:
        """A person's words for a job; `over` also where the agent does not know it."""
        path, body = f"{_path(run_id, step)}/feedback", said.model_dump_json()
        headers = {"Content-Type": "application/json"}
        answer = await self._call("POST", path, content=body, headers=headers, allow_missing=True)
        if answer.status_code == 404:
            return FeedbackTaken(state="over")
        return FeedbackTaken.model_validate_json(answer.content)

    async def cancel(self, run_id: str, step: str) -> None:
        await self._call("DELETE", _path(run_id, step), allow_missing=True)

    async def pause(self, run_id: str, step: str) -> JobState | None:
        """Makes the job stand still; answers how it stands then, None where the agent has never heard of it."""
        return await self._stand(f"{_path(run_id, step)}/pause")

    async def resume(self, run_id: str, step: str) -> JobState | None:
        return await self._stand(f"{_path(run_id, step)}/resume")

    async def _stand(self, path: str) -> JobState | None:
        answer = await self._call("POST", path, allow_missing=True)
        return None if answer.status_code == 404 else JobState.model_validate_json(answer.content)

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, path: str, *, allow_missing: bool = False, **options: Any) -> httpx.Response:
        async with _reachable():
            answer = await self._http.request(method, path, **options)
        if answer.status_code == 404 and allow_missing:
            return answer
        if answer.status_code >= 400:
            _refuse(answer)
        return answer


def _path(run_id: str, step: str) -> str:
    return f"/jobs/{run_id}/{step}"


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise AgentUnreachable(f"The agent does not answer ({type(error).__name__}).", "It is asked again.") from error


def _refuse(answer: httpx.Response) -> None:
    try:
        told: object = answer.json()
    except ValueError:  # no JSON, or no text: what stands before the agent may answer anything
        told = None
    problem = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    detail = str(problem.get("detail") or f"status {answer.status_code}")
    if answer.status_code == 429:
        raise AgentBusy(detail, str(problem.get("way_out", "")))
    if answer.status_code in (502, 503, 504, 507):  # 507: its disk is full, which is waited out like its absence
        raise AgentUnreachable(detail, str(problem.get("way_out", "")))
    raise AgentRefused(f"The agent refused: {detail}", str(problem.get("way_out", "")), status=answer.status_code)
