"""A budget that stops something is raised from the inbox."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import Conflict, InvalidInput
from services.events import log
from services.inbox.names import Name
from services.models.budgets import Defaults, today
from services.models.exhausted import in_the_way
from services.projects.edit import edit_project, get_project
from services.store.models import DayBudget, Project, Run
from services.tasks.funds import set_day_budget, set_run_budget


async def raise_budget(
    session: AsyncSession, name: Name, limit_usd: float | None, actor: str, budgets: Defaults
) -> str:
    """To `limit_usd`, or (None) to the least with which all that waits goes on. Said twice it counts once.

    Raises Conflict where the budget is another by now than the one that was seen.
    """
    scope, _, key = name.id.partition(":")
    await log.lock(session)
    found = (await in_the_way(session, budgets)).budgets
    stopping = next((one for one in found if (one.scope, one.key) == (scope, key)), None)
    if stopping is None or str(stopping.limit_usd) != name.at:
        limit = await _limit(session, scope, key)
        if limit_usd is not None and limit == limit_usd:
            return _dollars(limit_usd)
        stands = "has no limit" if limit is None else f"is {_dollars(limit)}"
        raise Conflict(f"This budget {stands} by now, and was changed since you looked.", "Look at the inbox again.")
    wanted = limit_usd if limit_usd is not None else stopping.enough_usd
    if wanted <= stopping.limit_usd:
        raise InvalidInput(f"The budget is {_dollars(stopping.limit_usd)} already.", "Name more than that.")
    if scope == "run":
        await set_run_budget(session, key, wanted, actor, budgets)
    elif scope == "project":
        version = (await get_project(session, int(key))).version
        await edit_project(session, int(key), version, {"budget_usd": wanted}, actor, budgets)
    else:
        await set_day_budget(session, wanted, actor, budgets)
    return _dollars(wanted)


async def _limit(session: AsyncSession, scope: str, key: str) -> float | None:
    if scope == "run":
        run = await session.get(Run, key)
        return run.budget_usd if run is not None else None
    if scope == "project" and key.isdigit():
        project = await session.get(Project, int(key))
        return project.budget_usd if project is not None else None
    if scope == "day" and key == today().isoformat():
        row = await session.get(DayBudget, key)
        return row.usd if row is not None else None
    raise Conflict("This budget stops nothing any more.", "Look at the inbox again.")


def _dollars(usd: float) -> str:
    return f"${usd:.2f}"
