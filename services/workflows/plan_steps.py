"""The steps of make_plan: where the PM reads, what it is asked, and what becomes of its answer."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.attachments.reach import of_request
from services.choices.decisions import keep_choice
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec, ToolsSettings
from services.domain.states import PLAN, REQUEST, RUN, PlanState, RequestState, RunState
from services.events import log
from services.models.waiting_runs import REASON
from services.plans.check import faults_of
from services.plans.drafts import PlanDraft, schema_of
from services.plans.measured import measured_minutes
from services.plans.replan import replaced_by, standing
from services.plans.tries import best_of, last_plan, tries
from services.points import Point, reached
from services.prompts.git_state import GitState
from services.prompts.plan_prompt import PlanBrief, plan_sections
from services.prompts.sections import compose
from services.prompts.who import who_is
from services.questions.ask import ask_on_plan
from services.store.models import Attachment, Plan, Project, Request, Run, Task
from services.store.types import now
from services.tasks.ownership import is_open
from services.workflows import looking
from services.workflows.bench import bench
from services.workflows.context import context_of, note_prompt
from services.workflows.describe import cage_of
from services.workflows.model_choice import access_of
from services.workflows.patience import patient
from services.workflows.records import Step, is_current, recorded, result_of, step_id
from services.workflows.stage_limits import job_limits

STEP: Step = {"index": 0, "name": "plan", "executor": "tools"}
CLOSED_LOST = 5  # infrastructure failures in a row before a person is asked
OPEN_TASKS_TOLD = 50
UNUSABLE = frozenset({"model_nonsense", "model_truncated", "turn_limit", "token_limit", "loop"})


@DBOS.step()
@patient
async def prepare_plan(run_id: str) -> dict[str, Any] | None:
    """Checks the target out for reading and answers the PM's spec; None where the run is nobody's any more.

    A run that waited for money gets the commit and the words of then.
    """
    async with bench().db.read() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        project = await session.get_one(Project, run.project_id)
    spec: dict[str, Any] | None = recorded(run).get(step_id(STEP), {}).get("spec")
    target = run.checkpoint_sha if spec is not None else None
    target = target or await bench().repos.target(project.id, Path(project.workspace_path), project.default_branch)
    path = await bench().repos.base_worktree(project.id, target)
    choice = told = None
    if spec is None:
        spec, choice, told = await _describe(run, project, path, target)
    await reached(Point.PLAN_OPENED)
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        run.cwd, run.base_sha, run.checkpoint_sha = str(path), target, target
        run.owner, run.agent = bench().owner, run.agent or bench().agent.name
        run.details = {**run.details, "carried_by": bench().owner}
        if run.state == RunState.QUEUED:
            run.state, run.started_at = RUN.check(RunState.QUEUED, RunState.RUNNING), now()
            await log.of_run(session, "run.started", run, attempt=run.attempt)
        note_prompt(run, step_id(STEP), told)
        if choice:
            await keep_choice(session, run, step_id(STEP), choice)
    return {"spec": spec}


async def _describe(
    run: Run, project: Project, path: Path, target: str
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any]]:
    """The spec, the choice of models that the run has to remember, and what its prompt does without."""
    async with bench().db.read() as session:
        who = await who_is(session, "pm", project)
        model, choice = await access_of(session, bench().settings, project, who.role, run, None)
        eyes = await looking.sees(session, model)
    why_not = {} if eyes else await looking.look(project.id, of_request(run.request_id or 0), path)
    async with bench().db.read() as session:
        request = await session.get_one(Request, run.request_id)
        files = (await session.scalars(of_request(request.id).order_by(Attachment.id))).all()
        attached = await looking.shown(session, files, model, why_not, attach=True)
        who = await who_is(session, "pm", project)
        last = await last_plan(session, request.id)
        open_tasks = await _open_tasks(session, project.id)
        replaced = await replaced_by(session, request.id)
        how_far = await standing(session, replaced.id) if replaced else ""
    words = [replaced.feedback] if replaced else []
    words += [last.feedback] if last and last.state == PlanState.CHANGES_ASKED else []
    feedback = "\n\n".join(words)
    wrong = last.faults if last and last.state == PlanState.DRAFT else []
    said = last.body if last else None
    recent = await bench().repos.recent_work(project.id, target)
    git = GitState(commits=recent.commits, files=recent.files)
    prompts = bench().settings.prompts
    brief = PlanBrief(
        project,
        request,
        who.role,
        feedback,
        wrong,
        said,
        attached.words,
        open_tasks,
        git=git,
        address=prompts.address,
        standing=how_far,
    )
    sections = plan_sections(brief, path)
    context = await context_of(model)
    used = context.count(who.text) + attached.tokens
    prompt = compose(sections, context.room - used, context.count, prompts)
    spec = RunSpec(
        run_id=run.id,
        step=step_id(STEP),
        role=who.role.name,
        worktree=str(path),
        git_dir=str(bench().repos.mirror(project.id)),
        settings=ToolsSettings(
            system=who.text,
            prompt=prompt.text,
            pictures=attached.pictures,
            output_schema=schema_of("plan"),
            output_name="plan",
        ),
        model=model,
        limits=job_limits(None, who.role),
        cage=cage_of(project),
    )
    return spec.model_dump(mode="json"), choice, context.told(prompt, used) | who.versions


@DBOS.step()
@patient
async def settle_plan(run_id: str) -> str:
    """A plan without faults waits for a person; one with faults is tried again, then shown with its faults marked."""
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return run.state
        request = await session.get_one(Request, run.request_id)
        entry = recorded(run).get(step_id(STEP), {})
        result = result_of(entry) if entry else None
        if entry.get("outcome") in ("lost", "cancelled", None):
            await _lost(session, run, request, entry.get("sentence", ""))
        elif result is None or result.outcome != "completed":
            await _failed(session, run, request, entry.get("reason", ""), entry.get("sentence", ""))
        else:
            await _keep_plan(session, run, request, result)
        await session.flush()
        await reached(Point.PLAN_WRITTEN)
    await reached(Point.PLAN_COMMITTED)
    bench().doorbell.ring()
    return run.state


async def _keep_plan(session: AsyncSession, run: Run, request: Request, result: RunResult) -> None:
    try:
        draft = PlanDraft.model_validate(result.answer)
    except ValidationError as error:
        await _failed(session, run, request, "model_nonsense", f"The answer is no plan: {error.errors()[0]['msg']}.")
        return
    wrong = await faults_of(session, request, draft, bench().settings.plan_limits)
    before = await tries(session, request.id)
    again = bool(wrong) and len(before) + 1 < bench().settings.plan_tries
    replaced = await replaced_by(session, request.id)
    plan = Plan(
        replaces_id=replaced.id if replaced else None,
        project_id=run.project_id,
        request_id=request.id,
        run_id=run.id,
        number=await _next_number(session, request.id),
        state=PlanState.DRAFT,
        summary=draft.summary,
        body=draft.model_dump(mode="json"),
        faults=wrong,
        minutes_measured=await measured_minutes(session, run.project_id, draft),
    )
    session.add(plan)
    await session.flush()
    await _end(session, run, RunState.FAILED if again else RunState.PASSED, "; ".join(wrong[:3]) or draft.summary)
    if again:
        request.state = REQUEST.check(RequestState(request.state), RequestState.NEW)
        return
    await _show(session, run, request, best_of([*before, plan]))


async def _show(session: AsyncSession, run: Run, request: Request, plan: Plan) -> None:
    """It waits for a person, as the newest of the request's plans."""
    newest = await last_plan(session, request.id)
    if newest is not plan:
        plan.number = await _next_number(session, request.id)
    plan.state = PLAN.check(PlanState.DRAFT, PlanState.WAITING)
    request.state = REQUEST.check(RequestState(request.state), RequestState.PLANNED)
    await ask_on_plan(session, run, plan, plan.body["questions"])
    count = len(plan.body["tasks"])
    await log.of_run(
        session, "plan.waiting", run, plan_id=plan.id, tasks=count, faults=plan.faults, summary=plan.summary
    )


async def _next_number(session: AsyncSession, request_id: int) -> int:
    newest = await last_plan(session, request_id)
    return newest.number + 1 if newest else 1


async def _failed(session: AsyncSession, run: Run, request: Request, reason: str, sentence: str) -> None:
    """A person's turn. Where money was wanted the run is not over: it goes on when there is more. Where the answer
    can't be used, the best earlier try is shown, if there is one."""
    run.reason = reason
    if reason in UNUSABLE and (before := await tries(session, request.id)):
        await _end(session, run, RunState.FAILED, sentence)
        best = best_of(before)
        best.faults = [*best.faults, f"The PM's next try could not be used: {sentence}"]
        await _show(session, run, request, best)
        return
    await _end(session, run, RunState.BLOCKED if reason == REASON else RunState.FAILED, sentence)
    request.state = REQUEST.check(RequestState(request.state), RequestState.FAILED)
    request.sentence = sentence
    await log.of_run(session, "request.failed", run, reason=reason, sentence=sentence)


async def _lost(session: AsyncSession, run: Run, request: Request, sentence: str) -> None:
    lost = await session.scalar(
        sa.select(sa.func.count()).where(Run.request_id == request.id, Run.state == RunState.LOST)
    )
    if (lost or 0) >= CLOSED_LOST:
        await _failed(session, run, request, "lost", sentence)
        return
    await _end(session, run, RunState.LOST, sentence)
    request.state = REQUEST.check(RequestState(request.state), RequestState.NEW)


async def _end(session: AsyncSession, run: Run, state: RunState, summary: str) -> None:
    run.state, run.finished_at, run.summary = RUN.check(RunState(run.state), state), now(), summary
    run.result = {RunState.PASSED: "pass", RunState.BLOCKED: "blocked"}.get(state, "fail")
    await log.of_run(session, f"run.{state}", run, summary=summary)


async def _open_tasks(session: AsyncSession, project_id: int) -> list[str]:
    query = sa.select(Task.key, Task.title).where(Task.project_id == project_id, is_open(Task))
    rows = await session.execute(query.order_by(Task.id.desc()).limit(OPEN_TASKS_TOLD))
    return [f"{key} {title}" for key, title in rows]
