"""The inbox: all that waits for a person, what is held up most first, with what waits behind each."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.used_up import used_up
from main_api.reads.waiting import Waiting, waiting
from main_api.schemas.inbox import BehindOut, BehindTask, InboxItem, InboxOut
from main_api.schemas.question import QuestionOut
from services.inbox.behind import Behind, Dependents
from services.inbox.decide import decisions_of
from services.inbox.rank import held_up, ranked
from services.models.budgets import Defaults
from services.store.listed import one_of
from services.store.models import Task
from services.store.types import now

SHOWN = 30  # of the tasks behind one item; all are counted


async def all_waiting(session: AsyncSession, budgets: Defaults) -> list[Waiting]:
    """Of all projects, in no order."""
    return await waiting(session, await used_up(session, budgets))


async def read_inbox(session: AsyncSession, project_id: int | None, budgets: Defaults, limit: int = 200) -> InboxOut:
    """The first `limit`; `count` is of all. What a budget of the day stops is of every project."""
    found = await all_waiting(session, budgets)
    items = [item for item in found if project_id is None or item.project_id in (None, project_id)]
    dependents, behind = await Dependents.read(session), dict[str, Behind]()
    for item in items:
        behind[item.key] = dependents.of(item.roots)
        item.behind = len(behind[item.key].all) + item.things
    at = now()
    first = ranked(items, at)[:limit]
    titles = await _titles(session, [id for item in first for id in behind[item.key].all[:SHOWN]])
    return InboxOut(
        count=len(items),
        items=[_shown(item, _behind(item, behind[item.key], titles), held_up(item, at)) for item in first],
    )


def _shown(item: Waiting, behind: BehindOut, seconds: float) -> InboxItem:
    return InboxItem(
        key=item.key, kind=item.kind, id=item.id, project_id=item.project_id, task_id=item.task_id, title=item.title,
        reason=item.reason, sentence=item.sentence, since=item.since, link=item.link, stage=item.stage,
        patch_id=item.patch_id, version=item.version, may=list(decisions_of(item.kind)), behind=behind,
        held_up_seconds=round(seconds, 1), budget=item.payload if item.kind == "budget" else None,
        question=QuestionOut.model_validate(item.payload) if item.kind == "question" else None,
    )  # fmt: skip


def _behind(item: Waiting, behind: Behind, titles: dict[int, tuple[str, str]]) -> BehindOut:
    direct = set(behind.direct)
    tasks = [
        BehindTask(id=id, key=titles[id][0], title=titles[id][1], direct=id in direct)
        for id in behind.all[:SHOWN]
        if id in titles
    ]
    return BehindOut(direct=len(direct) + item.things, all=item.behind, tasks=tasks)


async def _titles(session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    query = sa.select(Task.id, Task.key, Task.title).where(one_of(Task.id, set(ids)))
    return {id: (key, title) for id, key, title in await session.execute(query)}
