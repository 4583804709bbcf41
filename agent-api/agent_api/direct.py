"""The way to a model for what a caller asks for directly: main-api gives it, in the caller's own name.

The caller's token is passed on and not kept: agent-api itself is never given more than its hash.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request

from agent_api.chosen import readable_secrets
from agent_api.errors import JobNotFound, MainApiAway, MainApiRefused, RunDiffers
from agent_api.jobs import JobBoard
from agent_api.settings import AgentSettings
from services.contract.direct_call import DirectCall, DirectCallIn, DirectUsage
from services.contract.run_spec import CagePolicy, RunSpec
from services.trusted import trusted_for

SECONDS = 20.0


class DirectCalls:
    """Opens direct calls for one request."""

    def __init__(self, settings: AgentSettings, bearer: str) -> None:
        self._settings, self._bearer = settings, bearer

    async def open(
        self, name: str, *, workspace: Path | None = None, model: str | None = None, seconds: float = 1800
    ) -> DirectCall:
        """The call's id, and its model with a token for that alone. Raises MainApiAway, MainApiRefused."""
        asked = DirectCallIn(
            name=name, workspace=str(workspace) if workspace else None, model=model, seconds=min(seconds, 86_400)
        )
        answer = DirectCall.model_validate(await self._ask("POST", "", asked.model_dump(mode="json")))
        way = answer.model.model_copy(update={"gateway_url": self._settings.gateway_url})
        return answer.model_copy(update={"model": way})

    async def usage(self, call_id: str) -> DirectUsage:
        """What it cost so far. Raises MainApiAway, MainApiRefused."""
        return DirectUsage.model_validate(await self._ask("GET", f"/{call_id}", None))

    async def _ask(self, method: str, path: str, body: Any) -> Any:
        hub = self._settings.gateway_url.rstrip("/").removesuffix("/gateway")
        try:
            async with httpx.AsyncClient(verify=trusted_for(hub), trust_env=False, timeout=SECONDS) as client:
                headers = {"Authorization": f"Bearer {self._bearer}"}
                answer = await client.request(method, f"{hub}/direct-calls{path}", json=body, headers=headers)
                told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            sentence = f"main-api does not answer at {hub}, so there is no way to a model."
            raise MainApiAway(sentence, "Start the hub (wf start), or look at GATEWAY_URL.") from error
        if answer.is_success:
            return told
        detail = str(told.get("detail") or f"main-api answered {answer.status_code}.")
        raise MainApiRefused(detail, str(told.get("way_out") or ""), reason=str(told.get("code") or ""))


def has_to_begin(
    board: JobBoard, job: tuple[str, str], worktree: str, name: str, same: Callable[[RunSpec], bool]
) -> bool:
    """Whether this work is new, or was interrupted or lost. `job` is its run id and step, `same` looks at what it was
    begun with, as it is kept.

    Raises RunDiffers when the id stands for something else.
    """
    try:
        state, before = board.state(*job), board.spec(*job)
    except JobNotFound:
        return True
    if before.worktree != worktree or not same(before):
        raise RunDiffers(
            f"The run {name} was asked for something else, or in another workspace.",
            "Send what it was begun with, or choose another id.",
        )
    return state.state == "interrupted" or (state.result is not None and state.result.outcome == "lost")


def cage_of(settings: AgentSettings, workspace: Path, call: DirectCall) -> CagePolicy:
    """What the owner allows on this workspace: by its project's settings, and by /api/config."""
    policy = CagePolicy.model_validate(call.settings.get("cage", {}))
    readable = (*policy.readable_secrets, *readable_secrets(settings, workspace))
    return policy.model_copy(update={"readable_secrets": tuple(dict.fromkeys(readable))})


def _direct(request: Request) -> DirectCalls:
    bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
    return DirectCalls(request.app.state.settings, bearer)


Direct = Annotated[DirectCalls, Depends(_direct)]
