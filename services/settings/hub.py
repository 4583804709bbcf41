"""The hub's own settings: which there are, what they may be, and what a change means for work in flight."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import InvalidInput
from services.domain.states import RunState, TaskState
from services.models.policy import read_policy
from services.settings.versions import HUB, State, as_read, newest, put, without
from services.store.models import Run, Task

VARIABLES = {
    "default_model": "DEFAULT_MODEL",
    "offline": "WFHUB_OFFLINE",
    "daily_budget_usd": "DAILY_BUDGET_USD",
    "run_budget_usd": "RUN_BUDGET_USD",
    "auto_trigger_agents": "AUTO_TRIGGER_AGENTS",
    "include_images": "PROMPT_PICTURES",
    "vision_model": "VISION_MODELS",
}
_NEXT = {
    "default_model": "Runs under way keep their model; whoever has no choice of their own gets this one next.",
    "offline": "Calls under way end; from the next call on only models on your own machines are asked.",
    "daily_budget_usd": "It holds from the next call on, for today too unless today has a limit of its own.",
    "run_budget_usd": "It holds from the next call on, where neither project, task nor run says otherwise.",
    "auto_trigger_agents": "Stages that have begun end; it decides whether the next one begins by itself.",
    "include_images": "It holds for runs that begin from now on.",
    "vision_model": "It holds for pictures that nobody described yet.",
}


async def edit(
    session: AsyncSession, version: int, changes: Mapping[str, Any], reset: list[str], providers: Mapping[str, Any],
    actor: str,
) -> int:  # fmt: skip
    """Sets the fields, and gives those of `reset` back to the environment; answers the version that holds.

    Raises InvalidInput, ModelPolicyInvalid, Conflict.
    """
    if both := sorted(set(changes) & set(reset)):
        raise InvalidInput(f"{both[0]} is set and given back at once.", "Do one of the two.")
    for name in ("default_model", "vision_model"):
        if model := changes.get(name):
            read_policy(model, providers)
    before, _ = await as_read(session, HUB, version)
    kept = {name: value for name, value in before.items() if name not in reset}
    return await put(session, HUB, version, {**kept, **changes}, actor)


async def take_back(session: AsyncSession, version: int, undo: int, actor: str) -> int:
    """Raises NotFound, ChangeStoodOn, Conflict."""
    return await put(session, HUB, version, await without(session, HUB, undo), actor)


async def stated(session: AsyncSession) -> State:
    row = await newest(session, HUB)
    return row.state if row else {}


async def effects(session: AsyncSession) -> dict[str, str]:
    """What changing each means now, in words."""
    running = sa.select(sa.func.count()).select_from(Run).where(Run.state == RunState.RUNNING)
    queued = sa.select(sa.func.count()).select_from(Task).where(
        Task.state == TaskState.QUEUED, Task.deleted_at.is_(None)
    )  # fmt: skip
    now_running, now_queued = int(await session.scalar(running) or 0), int(await session.scalar(queued) or 0)
    flight = _in_flight(now_running, now_queued)
    return {name: f"{flight} {words}" for name, words in _NEXT.items()}


def _in_flight(running: int, queued: int) -> str:
    if not running and not queued:
        return "Nothing is in flight."
    parts = [f"{count} {what}" for count, what in ((running, _runs(running)), (queued, _tasks(queued))) if count]
    return f"{' and '.join(parts)}."


def _runs(count: int) -> str:
    return "run is under way" if count == 1 else "runs are under way"


def _tasks(count: int) -> str:
    return "task waits in the queue" if count == 1 else "tasks wait in the queue"
