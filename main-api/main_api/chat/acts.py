"""Commands that do something: each calls the function that its own route is."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.chat.words import Heard, Said, linked, meant
from main_api.hub import HubParts
from main_api.reads.budgets import read_budgets
from main_api.reads.money import usd
from main_api.routes import approvals, budgets, pauses, plans, questions, runs, task_moves
from main_api.routes import requests as asked
from main_api.schemas.budget import DayBudgetIn
from main_api.schemas.question import AnswerIn
from main_api.schemas.request import NoteIn, PlanApproveIn, RequestIn, WordIn
from main_api.schemas.task import TriggerIn
from main_api.schemas.task_words import CancelIn
from services.chat.errors import CommandIncomplete
from services.domain.errors import Conflict, NotFound
from services.domain.states import LIVE_RUN, ApprovalState, QuestionState
from services.store.models import Approval, Plan, Question, Run, Task


async def idea(hub: HubParts, heard: Heard) -> Said:
    return await _ask(hub, heard, "idea")


async def bug(hub: HubParts, heard: Heard) -> Said:
    return await _ask(hub, heard, "bug")


async def _ask(hub: HubParts, heard: Heard, kind: str) -> Said:
    body = RequestIn.model_validate({"project_id": heard.place.project_id, "text": heard.rest, "kind": kind})
    async with hub.db.write() as session:
        await asked.post_request(hub, session, body)
    return Said("Asked. The PM answers with a plan, which stands in the project's thread.")


async def run(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.read() as session:
        task = await meant(session, heard, "/run KEY")
    stage = heard.behind_key.lower() or None
    begun = await task_moves.trigger_task(hub, task.id, TriggerIn.model_validate({"stage": stage, "merge": False}))
    return Said(f"{task.key} starts at {begun.stage.upper()} when its turn comes. [F1]", (linked(task),))


async def pause(hub: HubParts, heard: Heard) -> Said:
    if heard.rest.lower() == "all":
        return Said((await pauses.pause_all(hub)).sentence)
    if (task := await _task_or_none(hub, heard)) is not None:
        return Said((await pauses.pause_task(hub, task.id)).sentence)
    return Said((await pauses.pause_project(hub, heard.place.project_id)).sentence)


async def resume(hub: HubParts, heard: Heard) -> Said:
    if heard.rest.lower() == "all":
        return Said((await pauses.resume_all(hub)).sentence)
    if (task := await _task_or_none(hub, heard)) is not None:
        return Said((await pauses.resume_task(hub, task.id)).sentence)
    return Said((await pauses.resume_project(hub, heard.place.project_id)).sentence)


async def answer(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.read() as session:
        task = await meant(session, heard, "/answer KEY WORDS")
        query = sa.select(Question).where(Question.task_id == task.id, Question.state == QuestionState.ASKED)
        question = await session.scalar(query.order_by(Question.id).limit(1))
    if question is None:
        raise Conflict(f"{task.key} asks nothing now.", "Ask about it without a command.")
    if not heard.behind_key:
        raise CommandIncomplete("The answer has no words.", "Write /answer KEY WORDS.")
    async with hub.db.write() as session:
        await questions.answer_question(session, question.id, AnswerIn(answer=heard.behind_key))
    return Said(f"Answered: “{question.text}” {task.key} goes on with it. [F1]", (linked(task),))


async def approve(hub: HubParts, heard: Heard) -> Said:
    """What the person was shown, and nothing that is there by now instead."""
    if "plan" in heard.about:
        async with hub.db.write() as session:
            body = PlanApproveIn(version=heard.about["version"])
            await plans.approve_plan(hub, session, heard.about["plan"], body)
        return Said("The plan is approved; its tasks appear and start.")
    async with hub.db.write() as session:
        body = WordIn(patch_id=heard.about["patch_id"])
        await approvals.approve(session, heard.about["approval"], body)
    return Said(f"{heard.about['key']} is approved; its change is merged.")


async def reject(hub: HubParts, heard: Heard) -> Said:
    note = str(heard.about["note"])
    if "plan" in heard.about:
        async with hub.db.write() as session:
            await plans.reject_plan(session, heard.about["plan"], NoteIn(note=note))
        return Said("The plan is rejected.")
    async with hub.db.write() as session:
        body = WordIn(patch_id=heard.about["patch_id"], note=note)
        await approvals.reject(session, heard.about["approval"], body)
    return Said(f"{heard.about['key']} is rejected and cancelled; its branch stays.")


async def kill(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.write() as session:
        await runs.kill(session, heard.about["run"])
    return Said(f"The run of {heard.about['key']} is stopped; its record stays.")


async def cancel(hub: HubParts, heard: Heard) -> Said:
    async with hub.db.write() as session:
        await task_moves.cancel(session, heard.about["task"], CancelIn(note=str(heard.about["note"])))
    return Said(f"{heard.about['key']} is given up; its branch stays.")


async def budget(hub: HubParts, heard: Heard) -> Said:
    if "usd" in heard.about:
        standing = await budgets.put_today(hub, DayBudgetIn(limit_usd=heard.about["usd"]))
    else:
        async with hub.db.read() as session:
            standing = await read_budgets(session, hub.settings.budgets)
    today = standing.today
    limit = f"of ${usd(today.limit_usd)}" if today.limit_usd is not None else "without a limit"
    lines = [f"- Today: ${usd(today.spent_usd)} {limit}"]
    for one in standing.projects:
        if one.project_id == heard.place.project_id:
            limit = f"of ${usd(one.limit_usd)}" if one.limit_usd is not None else "without a limit of its own"
            lines.append(f"- This project: ${usd(one.spent_usd)} {limit}")
    return Said("\n".join(lines))


async def _task_or_none(hub: HubParts, heard: Heard) -> Task | None:
    if not heard.rest and heard.place.task_id is None:
        return None
    async with hub.db.read() as session:
        return await meant(session, heard, "/pause KEY")


async def open_approval(session: AsyncSession, task: Task) -> Approval:
    """Raises Conflict where none is asked for."""
    query = sa.select(Approval).where(Approval.task_id == task.id, Approval.state == ApprovalState.ASKED)
    row = await session.scalar(query.order_by(Approval.id.desc()).limit(1))
    if row is None:
        raise Conflict(f"{task.key} asks for no approval now.", f"Write /show {task.key} for how it stands.")
    return row


async def named_plan(session: AsyncSession, heard: Heard) -> Plan | None:
    """Of `plan 3`; None where no plan is named. Raises NotFound."""
    words = heard.words
    if len(words) < 2 or words[0].lower() != "plan" or not words[1].isdecimal() or len(words[1]) > 15:
        return None
    plan = await session.get(Plan, int(words[1]))
    if plan is None:
        raise NotFound(f"There is no plan {words[1]}.", "Write /inbox for what waits.")
    return plan


async def live_run(session: AsyncSession, task: Task) -> Run:
    """Raises Conflict where none is under way."""
    query = sa.select(Run).where(Run.task_id == task.id, Run.state.in_(LIVE_RUN))
    row = await session.scalar(query.order_by(Run.queued_at.desc()).limit(1))
    if row is None:
        raise Conflict(f"{task.key} has no run under way.", "There is nothing to stop.")
    return row
