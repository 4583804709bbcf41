"""A task, or a run alone, stands still; the task keeps its run, its branch and its place in its column."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.domain.pauses import Scope
from services.domain.states import CLOSED_TASK, LIVE_RUN, RunState, TaskState
from services.events import log
from services.pauses.errors import NothingToPause, NotPaused
from services.pauses.word import About, Word, already, tell
from services.store.models import Run, Task
from services.store.types import now
from services.tasks.change import Change
from services.tasks.control import trigger
from services.tasks.hold import get_task, hold_task
from services.tasks.move import set_state
from services.tasks.stages import has_open_dependencies
from services.tasks.waiting_run import waiting_run

GOING = frozenset({TaskState.QUEUED, TaskState.RUNNING})


async def pause_task(session: AsyncSession, task_id: int, actor: str) -> Word:
    """Queued or running, it is `paused`; else it stays what it is, and does not go on from there until it is resumed.

    Raises NotFound, and NothingToPause for one that is done or cancelled.
    """
    task = await hold_task(session, task_id)
    ids = About(task.project_id, task.id)
    if task.state in CLOSED_TASK:
        raise NothingToPause(f"{task.key} is {task.state}.", "Move it to a stage to open it again.")
    if task.paused_at is not None:
        return already(Scope.TASK, str(task.id), task.key, task.paused_at, task.paused_by, ids)
    before = {"paused": False, "state": task.state}
    task.paused_at, task.paused_by = now(), actor
    await _stand(session, task, actor, f"Paused by {actor}.")
    sentence = f"{task.key} is paused."
    if task.state != TaskState.PAUSED:
        sentence = f"{task.key} is paused: it stays {task.state}, and does not go on from there."
    word = Word(Scope.TASK, str(task.id), task.key, True, True, task.paused_at, actor, sentence, ids)
    return await tell(session, word, actor=actor, before=before, after={"paused": True, "state": task.state})


async def rests(session: AsyncSession, task_id: int) -> bool:
    """Whether it stands at `paused` without a pause: its run was killed, or it was brought back."""
    task = await get_task(session, task_id)
    return task.state == TaskState.PAUSED and task.paused_at is None and task.current_run_id is None


async def resume_task(session: AsyncSession, task_id: int, actor: str, change: Change | None = None) -> Word:
    """It goes on where it was, its run too if that was paused by itself; one that rests begins its stage anew, where
    `change` is what an approval would be asked about. Raises NotPaused."""
    task = await hold_task(session, task_id)
    run = await _live_run(session, task)
    if run is None and await rests(session, task_id):
        return await _begin_anew(session, task, actor, change)
    alone = run is not None and run.paused_at is not None
    if task.paused_at is None and not alone:
        raise NotPaused(f"{task.key} is not paused by itself: it is {task.state}.", "GET /pause tells what is.")
    at, by = (task.paused_at, task.paused_by) if task.paused_at or run is None else (run.paused_at, run.paused_by)
    before = {"paused": True, "state": task.state}
    task.paused_at = task.paused_by = None
    if run is not None:
        run.paused_at = run.paused_by = None
    await _go_on(session, task, run, actor)
    ids = About(task.project_id, task.id)
    sentence = f"{task.key} goes on{', its run too' if alone else ''}."
    word = Word(Scope.TASK, str(task.id), task.key, False, True, at, by, sentence, ids)
    return await tell(session, word, actor=actor, before=before, after={"paused": False, "state": task.state})


async def pause_run(session: AsyncSession, run_id: str, actor: str) -> Word:
    """Of a task or of a request's planning. Raises NotFound, and NothingToPause for one that is over."""
    run = await _hold_run(session, run_id)
    task = await session.get(Task, run.task_id) if run.task_id is not None else None
    name, ids = _names(run, task)
    if RunState(run.state) not in LIVE_RUN:
        raise NothingToPause(f"{name} {_ended(run)}.", "There is nothing of it to pause.")
    if run.paused_at is not None:
        return already(Scope.RUN, run.id, name, run.paused_at, run.paused_by, ids)
    before = {"paused": False, "state": run.state}
    run.paused_at, run.paused_by = now(), actor
    if task is not None and await _live_run(session, task) is run:
        await _stand(session, task, actor, f"Its run is paused by {actor}.")
    word = Word(Scope.RUN, run.id, name, True, True, run.paused_at, actor, f"{name} is paused.", ids)
    return await tell(session, word, actor=actor, before=before, after={"paused": True, "state": run.state})


async def resume_run(session: AsyncSession, run_id: str, actor: str) -> Word:
    """Raises NotPaused where it was not paused by itself, and says what else makes it stand still."""
    run = await _hold_run(session, run_id)
    task = await session.get(Task, run.task_id) if run.task_id is not None else None
    name, ids = _names(run, task)
    if run.paused_at is None or RunState(run.state) not in LIVE_RUN:
        live = RunState(run.state) in LIVE_RUN
        why = f"{name} is not paused by itself" if live else f"{name} {_ended(run)}"
        way = f"{task.key} is: resume that." if live and task and task.paused_at else "GET /pause tells what is paused."
        raise NotPaused(f"{why}.", way)
    at, by = run.paused_at, run.paused_by
    run.paused_at = run.paused_by = None
    if task is not None and task.paused_at is None and await _live_run(session, task) is run:
        await _go_on(session, task, run, actor)
    word = Word(Scope.RUN, run.id, name, False, True, at, by, f"{name} goes on.", ids)
    gone, there = {"paused": True, "state": run.state}, {"paused": False, "state": run.state}
    return await tell(session, word, actor=actor, before=gone, after=there)


async def _begin_anew(session: AsyncSession, task: Task, actor: str, change: Change | None) -> Word:
    before = {"paused": True, "state": task.state}
    await trigger(session, task.id, actor, change=change)
    sentence = f"{task.key} begins its stage anew."
    about = About(task.project_id, task.id)
    word = Word(Scope.TASK, str(task.id), task.key, False, True, None, None, sentence, about)
    return await tell(session, word, actor=actor, before=before, after={"paused": False, "state": task.state})


async def _stand(session: AsyncSession, task: Task, actor: str, sentence: str) -> None:
    if task.state in GOING:
        run_id = task.current_run_id
        await set_state(session, task, TaskState.PAUSED, actor=actor, sentence=sentence, run_id=run_id, keep_runs=True)


async def _go_on(session: AsyncSession, task: Task, run: Run | None, actor: str) -> None:
    """To where it was: to its run, which a pause left alive, or to its place in the queue."""
    if task.state != TaskState.PAUSED:
        return
    if run is not None and task.current_run_id == run.id:
        await set_state(session, task, TaskState.RUNNING, actor=actor, run_id=run.id)
        return
    if await has_open_dependencies(session, task):
        await set_state(session, task, TaskState.BLOCKED, actor=actor)
        return
    place = task.queued_at
    await set_state(session, task, TaskState.QUEUED, actor=actor)
    task.queued_at = place or task.queued_at


async def _live_run(session: AsyncSession, task: Task) -> Run | None:
    """The one that carries it, else the one that waits for its turn."""
    if task.current_run_id is None:
        return await waiting_run(session, task)
    run = await session.get(Run, task.current_run_id)
    return run if run is not None and RunState(run.state) in LIVE_RUN else None


async def _hold_run(session: AsyncSession, run_id: str) -> Run:
    await log.lock(session)
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.", "List them with GET /runs.")
    await session.refresh(run, with_for_update=True)
    return run


def _names(run: Run, task: Task | None) -> tuple[str, About]:
    name = f"The run of {task.key} at {run.stage.upper()}" if task is not None else f"The run at {run.stage.upper()}"
    return name, About(run.project_id, run.task_id, run.id)


def _ended(run: Run) -> str:
    at = f" at {run.finished_at:%H:%M:%S} UTC" if run.finished_at else ""
    return f"{'was lost' if run.state == RunState.LOST else f'is over: {run.state}'}{at}"
