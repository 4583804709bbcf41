"""One question to a model through the gateway, for what needs no loop: a completion, a picture."""

import asyncio
import json
from typing import Any

import httpx

from agent_api.errors import StepFailed, StepLost
from agent_api.gateway_problems import Problem, read_problem, unreachable
from agent_api.hold import question
from services.contract.run_spec import ModelAccess
from services.trusted import trusted_for

MOST_BYTES = 8_000_000  # of an answer; the gateway bounds its tokens
CONNECT_SECONDS = 10.0


async def ask(access: ModelAccess, path: str, body: dict[str, Any], seconds: float) -> Any:
    """The JSON that the model's provider answers. `path` is below the gateway: `openai/v1/chat/completions`.

    Raises StepFailed with the reason (time_limit, model_missing, budget_exceeded, …), and StepLost when the gateway is
    away.
    """
    headers = {"Authorization": f"Bearer {access.token}"}
    url = f"{access.gateway_url.rstrip('/')}/{path}"
    within = httpx.Timeout(None, connect=CONNECT_SECONDS)
    client = httpx.AsyncClient(verify=trusted_for(url), trust_env=False, timeout=within)
    try:
        post = client.stream("POST", url, json=body, headers=headers)
        async with question(), asyncio.timeout(seconds), client, post as answer:
            content = await _bounded(answer)
    except TimeoutError as error:
        raise too_slow(access.model, seconds) from error
    except httpx.HTTPError as error:
        raise _error(unreachable(type(error).__name__)) from error
    if not answer.is_success:
        raise _error(read_problem(answer.status_code, content))
    try:
        return json.loads(content)
    except ValueError as error:
        raise StepFailed("model_nonsense", f"{access.model} did not answer with JSON.", "Try another model.") from error


def too_slow(model: str, seconds: float) -> StepFailed:
    return StepFailed(
        "time_limit", f"{model} gave no answer within {seconds:g} seconds.", "Allow more time, or choose another model."
    )


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            raise StepFailed("output_limit", f"The model's answer is above {MOST_BYTES} bytes, so it was not used.")
    return bytes(content)


def _error(problem: Problem) -> StepFailed | StepLost:
    kind = StepLost if problem.outcome == "lost" else StepFailed
    return kind(problem.reason, problem.sentence)
