"""Take what a person asks for, in their own words."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.chat.say import note_request
from services.domain.changes import made
from services.domain.errors import InvalidInput
from services.domain.states import RequestState
from services.events import log
from services.projects.edit import project_at_work
from services.store.models import Request

KINDS = ("idea", "bug", "change")


@dataclass(frozen=True)
class RequestLimits:
    """Characters of a text (what a small model's context can still hold beside the project's facts), files that come
    with it, and bytes of those together."""

    characters: int = 20_000
    files: int = 20
    bytes: int = 1 << 30


DEFAULT = RequestLimits()


async def create_request(
    session: AsyncSession,
    project_id: int,
    text: str,
    kind: str = "idea",
    actor: str = "person",
    models: list[Any] | None = None,
    *,
    single: bool = False,
    vision_model: str | None = None,
    limits: RequestLimits = DEFAULT,
) -> Request:
    """A new request; the PM answers it with a plan, of one task where `single`. `models` is its own choice
    (services/models/policy.py), checked; `vision_model` one of the owner's. It stands in the project's chat. Raises
    InvalidInput for empty or over-long text."""
    text = text.strip()
    if not any(character.isalnum() for character in text):
        raise InvalidInput("The request is empty.", "Say in your own words what you want.")
    if len(text) > limits.characters:
        raise InvalidInput(
            f"The request has {len(text)} characters; {limits.characters} is the most.",
            "Shorten it, or put the details into a file and attach that.",
        )
    if kind not in KINDS:
        raise InvalidInput(f"There is no kind of request {kind!r}.", f"Choose one of: {', '.join(KINDS)}.")
    project = await project_at_work(session, project_id)
    request = Request(
        project_id=project.id, kind=kind, text=text, single=single, state=RequestState.NEW, models=models,
        vision_model=vision_model,
    )  # fmt: skip
    session.add(request)
    await session.flush()
    await note_request(session, request, actor)
    await log.append(
        session, "request.created", actor=actor, project_id=project.id, request_id=request.id, request_kind=kind,
        **made(text=text, kind=kind),
    )  # fmt: skip
    return request
