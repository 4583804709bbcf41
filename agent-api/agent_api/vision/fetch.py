"""Fetches pictures that the hub keeps and the workspace lacks: by the run's own token, checked by their hash."""

import asyncio
import hashlib

import httpx

from agent_api.errors import ImageRefused, StepFailed, StepLost
from agent_api.gateway_problems import read_problem, unreachable
from agent_api.model_call import CONNECT_SECONDS
from services.contract.run_spec import ModelAccess, PictureRef
from services.trusted import trusted

SECONDS = 60.0


async def fetch(access: ModelAccess, picture: PictureRef, most: int) -> bytes:
    """At most `most` bytes. Raises ImageRefused for what is larger or not what was meant, StepFailed and StepLost."""
    content = bytearray()
    url = f"{access.gateway_url.rstrip('/')}/files/{picture.sha256}"
    headers = {"Authorization": f"Bearer {access.token}"}
    client = httpx.AsyncClient(
        verify=trusted(), trust_env=False, timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    )
    try:
        async with asyncio.timeout(SECONDS), client, client.stream("GET", url, headers=headers) as answer:
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > most:
                    raise ImageRefused(
                        f"{picture.name} is above {most} bytes, which is what is looked at.", "Raise VISION_MAX_BYTES."
                    )
    except TimeoutError as error:
        raise StepLost("gateway_unreachable", f"{picture.name} did not come within {SECONDS:g} seconds.") from error
    except httpx.HTTPError as error:
        raise StepLost("gateway_unreachable", unreachable(type(error).__name__).sentence) from error
    if not answer.is_success:
        problem = read_problem(answer.status_code, bytes(content))
        raise StepFailed(problem.reason, f"{picture.name} can't be had: {problem.sentence}")
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise ImageRefused(f"{picture.name} is not what was uploaded.", "Upload it again.")
    return bytes(content)
