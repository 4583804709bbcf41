"""A model puts a task's older handoffs in short, beside the runs: asked once, checked, kept. No run waits.

What it asks goes through an agent and the gateway like all else; it is a direct call, paid from the project's budget.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_result import RunResult
from services.contract.run_spec import Limits, RunSpec, ToolsSettings
from services.domain.errors import HubError
from services.handoffs.fold import earlier_of, fault_in, sources_of, told_of
from services.models.direct import direct_id, limited
from services.models.run_tokens import issue
from services.prompts.brief import read_handoffs
from services.prompts.sections import Section, compose
from services.prompts.task_prompt import one_line
from services.redaction import KNOWN
from services.roles.read import active_role
from services.store.models import Handoff, HandoffFold, Project, Run, Task
from services.workflows.bench import Bench
from services.workflows.context import context_of
from services.workflows.describe import cage_of
from services.workflows.holding import is_covered
from services.workflows.model_choice import access_of

log = structlog.get_logger()
STEP = "fold"
SECONDS = 300.0
CALM_SECONDS = 0.5  # what starts meanwhile goes first
SYSTEM = "You keep the record of a task for the agents that work on it next. You are short, and you make nothing up."
ASKS = """\
Put the record below in short: what was done and why, what was decided, what is open. Leave out what a later entry made
untrue. Name no file, task or commit that the record does not name. Be shorter than the record."""
Points = Annotated[list[str], Field(max_length=20)]


class Account(BaseModel):
    """What the model answers."""

    model_config = ConfigDict(extra="forbid")

    summary: str
    decisions: Points = []
    open_points: Points = []

    @property
    def text(self) -> str:
        lines = [self.summary.strip(), *(f"- Decided: {one}" for one in self.decisions)]
        return "\n".join([*lines, *(f"- Open: {one}" for one in self.open_points)]).strip()


async def fold_handoffs(bench: Bench, run_id: str) -> None:
    """Of the task that this run handed on. Where no model answers, the next prompt tells the handoffs in lines; so it
    does where the task stands still."""
    await bench.doorbell.calm(CALM_SECONDS)
    try:
        if await is_covered(run_id):
            return
        async with bench.db.read() as session:
            run = await session.get_one(Run, run_id)
            task = await session.get_one(Task, run.task_id)
            rows = await _too_long(session, task, bench.settings.prompts.fold_characters)
            spec = await _spec(session, bench, run, task, rows) if rows else None
        if spec is not None:
            await _keep(bench, task, rows, spec, await _answer(bench, spec))
    except (HubError, DBAPIError, TimeoutError) as error:
        log.info("handoffs.not_folded", run_id=run_id, error=str(error)[:300] or type(error).__name__)


async def _too_long(session: AsyncSession, task: Task, most: int) -> Sequence[Handoff]:
    """The older handoffs, where they are too long to be told as they are and nobody was asked to shorten them."""
    handoffs = await read_handoffs(session, task.id)
    earlier = earlier_of(handoffs.older, handoffs.folds, most)
    if earlier.by != "mechanical" and len(earlier.text) <= 2 * most:
        return ()
    asked = sa.select(HandoffFold.id).where(
        HandoffFold.task_id == task.id, HandoffFold.sources == sources_of(handoffs.older)
    )
    return () if await session.scalar(asked) else handoffs.older


async def _spec(session: AsyncSession, bench: Bench, run: Run, task: Task, rows: Sequence[Handoff]) -> RunSpec:
    """Raises PromptTooLong where the model has no room for the record."""
    project = await session.get_one(Project, task.project_id)
    role = await active_role(session, run.role or "dev")
    settings = bench.settings
    model, _ = await access_of(session, settings, project, role, run, task)
    context = await context_of(model)
    header = f"Role: {role.name}\nStage: {STEP}\nTask: {task.key} {one_line(task.title)}\nRound: {run.round}"
    record = Section("The record", "\n\n".join(told_of(row) for row in rows), outside=True)
    room = context.room - context.count(SYSTEM)
    prompt = compose([Section("", header), Section("What to do", ASKS), record], room, context.count, settings.prompts)
    call = direct_id(f"fold-{rows[-1].id}", project.id)
    token = issue(settings.secret_key.get_secret_value(), limited(call, time.time() + 2 * SECONDS), STEP)
    schema = Account.model_json_schema()
    return RunSpec(
        run_id=call,
        step=STEP,
        task_key=task.key,
        role=role.name,
        worktree=run.cwd or "",
        settings=ToolsSettings(
            system=SYSTEM,
            prompt=prompt.text,
            tools=(),
            output_schema=schema,
            output_name="account",
        ),
        model=model.model_copy(update={"token": token}),
        limits=Limits(run_seconds=SECONDS, stall_seconds=SECONDS, model_turns=4),
        cage=cage_of(project),
    )


async def _answer(bench: Bench, spec: RunSpec) -> RunResult | None:
    """None where the job is not over, as when its agent is ended."""
    async with asyncio.timeout(2 * SECONDS):
        state = await bench.agent.start(spec)
        if state.state == "running":
            async for _ in bench.agent.events(spec.run_id, spec.step, 0):
                pass
            state = await bench.agent.state(spec.run_id, spec.step) or state
    return state.result


async def _keep(bench: Bench, task: Task, rows: Sequence[Handoff], spec: RunSpec, result: RunResult | None) -> None:
    if result is None or result.outcome != "completed":
        log.info("handoffs.not_folded", task=task.key, reason=result.reason if result else "not over")
        return
    try:
        text = KNOWN(Account.model_validate(result.answer).text)
        why = fault_in(text, rows)
    except ValidationError:
        text, why = "", "it is no account of a record"
    model = spec.model.model if spec.model else ""
    async with bench.db.write() as session:
        known = sa.select(HandoffFold.id).where(HandoffFold.task_id == task.id, HandoffFold.sources == sources_of(rows))
        if await session.scalar(known) is None:
            session.add(
                HandoffFold(
                    task_id=task.id, last_id=rows[-1].id, sources=sources_of(rows), text="" if why else text, why=why,
                    model=model,
                )
            )  # fmt: skip
    log.info("handoffs.folded", task=task.key, handoffs=len(rows), refused=why)
