"""Commands that tell: how things stand, from the same reads as the page's."""

from collections.abc import Sequence

import sqlalchemy as sa

from main_api.chat.words import Heard, Said, meant
from main_api.hub import HubParts
from main_api.reads.inbox import read_inbox
from main_api.reads.summary import read_summary
from main_api.reads.tasks import TaskFilter
from main_api.record import task_facts
from services.domain.states import OPEN_TASK, TaskState
from services.guide.facts import Fact, numbered
from services.guide.topics import ranked
from services.store.models import Task

SHOWN, TOLD = 25, 8


async def status(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.read() as session:
        summary = await read_summary(session, hub.settings.default_model, hub.settings.budgets)
        mine = sa.select(Task.state, sa.func.count()).where(
            Task.project_id == heard.place.project_id, Task.deleted_at.is_(None)
        )
        counts = (await session.execute(mine.group_by(Task.state))).all()
    project = next((one for one in summary.projects if one.id == heard.place.project_id), None)
    states = ", ".join(f"{count} {state}" for state, count in counts) or "none yet"
    lines = [
        f"- Agents at work: {summary.working}",
        f"- Cost today: ${summary.cost_today_usd}",
        f"- Waits for you: {summary.waiting}, {project.waiting if project else 0} of it in this project",
        f"- Tasks of this project: {states}",
    ]
    if summary.scripted_model:
        lines.append("- The scripted model is in use: it plays a scenario and is no language model")
    return Said("\n".join(lines))


async def inbox(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.read() as session:
        found = await read_inbox(session, heard.place.project_id, hub.settings.budgets, limit=SHOWN)
    if found.count == 0:
        return Said("Nothing waits for you here.")
    facts = numbered([Fact("wait", one.title, "open", {"view": "inbox", "item": one.key}) for one in found.items])
    lines = [f"- {one.title}: {one.sentence} [{fact.ref}]" for one, fact in zip(found.items, facts, strict=True)]
    return Said("\n".join([*lines, *_more(found.count, len(lines))]), tuple(facts))


async def tasks(hub: HubParts, heard: Heard) -> Said:
    """All that are open; with a word those in that state, or with these words in key or title."""
    known = {state.value for state in TaskState}
    state = heard.rest.lower() if heard.rest.lower() in known else None
    wanted = TaskFilter(
        state=[TaskState(state)] if state else None if heard.rest else sorted(OPEN_TASK),
        text=heard.rest[:200] if heard.rest and not state else None,
    )
    async with hub.db.read() as session:
        query = wanted.query(session, heard.place.project_id)
        count = await session.scalar(query.with_only_columns(sa.func.count(), maintain_column_froms=True)) or 0
        rows: Sequence[Task] = (await session.scalars(query.order_by(Task.priority.desc(), Task.id).limit(SHOWN))).all()
    if not rows:
        return Said("No task is like that." if heard.rest else "No task is open.")
    facts = numbered([Fact("state", task.title, task.key, {"task": task.id}) for task in rows])
    lines = [f"- {task.title}: {_stands(task)} [{fact.ref}]" for task, fact in zip(rows, facts, strict=True)]
    return Said("\n".join([*lines, *_more(count, len(lines))]), tuple(facts))


async def show(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.read() as session:
        facts = await task_facts(session, await meant(session, heard, "/show KEY"))
    first = numbered(ranked(facts, "status why waits")[:TOLD])
    return Said("\n".join(f"- {' '.join(one.text.split())} [{one.ref}]" for one in first), tuple(first))


def _stands(task: Task) -> str:
    waits = f" ({task.waiting_reason})" if task.state == TaskState.WAITING else ""
    return f"{task.state}{waits} at {task.stage.upper()}"


def _more(count: int, told: int) -> list[str]:
    return [f"\nand {count - told} more"] if count > told else []
