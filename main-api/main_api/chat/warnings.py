"""What a command would do, said before it is done; and what exactly that is about, so that it is nothing else."""

from typing import Any

from main_api.chat.acts import live_run, named_plan, open_approval
from main_api.chat.words import Heard, meant
from main_api.hub import HubParts
from main_api.reads.money import usd
from services.chat.errors import CommandIncomplete
from services.store.models import Plan, Project

Asked = tuple[str, dict[str, Any]] | None  # None: it need not be asked
MOST_USD = 1e12


async def pause(_hub: HubParts, heard: Heard) -> Asked:
    if heard.rest.lower() != "all":
        return None
    return "Pause everything? No run begins, and those under way stand still, in all projects.", {}


async def approve(hub: HubParts, heard: Heard) -> Asked:
    async with hub.db.read() as session:
        plan = await named_plan(session, heard)
        if plan is not None:
            many = len(plan.body.get("tasks") or [])
            said = f"Approve plan {plan.id}? Its {many} tasks appear and start. {plan.summary}"
            return said, {"plan": plan.id, "version": plan.version}
        task = await meant(session, heard, "/approve KEY")
        row = await open_approval(session, task)
        project = await session.get_one(Project, task.project_id)
    size = row.diff_stat
    lines = f"{size.get('files', 0)} files, +{size.get('added', 0)} −{size.get('removed', 0)}" if size else "its change"
    said = f"Approve {task.key} “{task.title}”? {lines} is merged onto {project.default_branch}."
    return said, {"approval": row.id, "patch_id": row.patch_id, "key": task.key}


async def reject(hub: HubParts, heard: Heard) -> Asked:
    async with hub.db.read() as session:
        plan = await named_plan(session, heard)
        if plan is not None:
            note = " ".join(heard.words[2:])
            return f"Reject plan {plan.id}? Its request is closed. {_why(note)}", _of_plan(plan, note)
        task = await meant(session, heard, "/reject KEY")
        row = await open_approval(session, task)
    note = heard.behind_key
    said = f"Reject {task.key} “{task.title}”? The task is cancelled, its branch stays. {_why(note)}"
    return said, {"approval": row.id, "patch_id": row.patch_id, "key": task.key, "note": note}


async def kill(hub: HubParts, heard: Heard) -> Asked:
    async with hub.db.read() as session:
        task = await meant(session, heard, "/kill KEY")
        row = await live_run(session, task)
    said = f"Stop the {row.stage.upper()} run of {task.key}? What it had not committed is left behind."
    return said, {"run": row.id, "key": task.key}


async def cancel(hub: HubParts, heard: Heard) -> Asked:
    async with hub.db.read() as session:
        task = await meant(session, heard, "/cancel KEY")
    note = heard.behind_key
    said = f"Give {task.key} “{task.title}” up? Its run is stopped, and what waited for it comes to you. {_why(note)}"
    return said, {"task": task.id, "key": task.key, "note": note}


async def budget(_hub: HubParts, heard: Heard) -> Asked:
    if not heard.rest:
        return None
    try:
        amount = float(heard.rest.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= MOST_USD:
        raise CommandIncomplete(f"{heard.rest[:40]!r} is no amount.", "Write /budget 5, in US dollars.")
    said = f"Let all models together cost ${usd(amount)} today? Tomorrow DAILY_BUDGET_USD holds again."
    return said, {"usd": amount}


def _of_plan(plan: Plan, note: str) -> dict[str, Any]:
    return {"plan": plan.id, "version": plan.version, "note": note}


def _why(note: str) -> str:
    return f"Your reason: {note}" if note else "You gave no reason."
