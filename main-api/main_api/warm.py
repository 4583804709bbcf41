"""What a person does first after a start is as quick as what they do later.

The framework works a route out when it is first asked for, and SQLAlchemy a statement when it first runs: together that
took 0.4 s of the first board. So main-api asks itself, once, in the background; what it asks for does not exist, or is
only read.
"""

import httpx
import structlog
from starlette.types import ASGIApp

from main_api.hub import HubParts
from main_api.schemas.shape import MAX_ID
from services.plans.rehearsal import rehearse

log = structlog.get_logger(__name__)
READ = ("/summary", "/projects", "/board", "/inbox", "/requests", "/plans", "/events?limit=1")
DECIDED = (f"/plans/{MAX_ID}/approve", f"/approvals/{MAX_ID}/approve", f"/tasks/{MAX_ID}/trigger")


async def warm(app: ASGIApp, hub: HubParts) -> None:
    """Never raises for an answer; changes nothing."""
    await rehearse(hub.db)
    settings = hub.settings
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    base = f"http://{settings.host}:{settings.port}"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        for path in READ:
            _look_at(path, await client.get(path), 200)
        for path in DECIDED:
            _look_at(path, await client.post(path, json={}), 404)


def _look_at(path: str, answer: httpx.Response, usual: int) -> None:
    if answer.status_code != usual:
        log.warning("warm.unusual", path=path, status=answer.status_code)
