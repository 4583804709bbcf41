"""Passes on what people say to a run that goes on: to its agent's job, and from there that it was heard."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from services.agents.errors import AgentRefused, AgentUnreachable
from services.contract.feedback import Feedback
from services.contract.run_event import RunEvent
from services.feedback import hear
from services.feedback.say import open_step
from services.prompts.fences import HOW_TO_READ, fenced, harmless, nonce_of
from services.prompts.settings import PromptSettings
from services.redaction import KNOWN
from services.store.models import Comment, Run, Task
from services.workflows.bench import Bench, bench
from services.workflows.patience import patient

log = structlog.get_logger()
LISTENING = frozenset({"tools", "aider"})


class PassingOn:
    """Beside the admission loop: an agent that is away must not keep others from starting."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._going: asyncio.Task[None] | None = None

    def look(self) -> None:
        if self._going is None:
            self._going = asyncio.create_task(pass_on(self._bench), name="pass on what people say")
            self._going.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._going = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("feedback.not_passed_on", error=repr(error)[:300])  # the next commit, or the sweep, asks again


async def pass_on(bench: Bench) -> None:
    """What was said to runs of this orchestrator. A job that is between two steps hears it with its next prompt."""
    async with bench.db.read() as session:
        waiting = await hear.for_runs_of(session, bench.owner)
        steps = {run_id: open_step((await session.get_one(Run, run_id)).details) for run_id in waiting}
    for run_id, rows in waiting.items():
        name, entry = steps[run_id] or ("", dict[str, Any]())
        if entry.get("executor") not in LISTENING:
            continue
        for row in rows:
            try:
                taken = await bench.agent.tell(run_id, name, words_for(row, bench.settings.prompts))
            except AgentUnreachable as error:
                log.warning("feedback.agent_away", run_id=run_id, error=str(error)[:300])
                break
            except AgentRefused as error:
                log.warning("feedback.refused", run_id=run_id, error=str(error)[:300])
                over = True
            else:
                over = taken.state == "over"
            async with bench.db.write() as session:
                await hear.lies_with_agent(session, row.id, over=over)


def words_for(row: Comment, prompts: PromptSettings) -> Feedback:
    """Fenced as in a prompt: what somebody wrote is told from what the hub asks."""
    text = harmless(KNOWN(row.body.strip()))
    nonce = nonce_of(prompts.fence_key, [text])
    return Feedback(id=row.id, text=f"{HOW_TO_READ.format(nonce=nonce)}\n\n{fenced(text, nonce)}", words=text)


@patient
async def note_heard(run_id: str, events: Sequence[RunEvent]) -> None:
    """Before the events are written down: after a crash in between they are followed, and noted, again."""
    at: dict[int, datetime] = {
        int(event.data["feedback"]): event.at
        for event in events
        if event.kind == "heard" and isinstance(event.data.get("feedback"), int)
    }
    if not at:
        return
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        task = await session.get(Task, run.task_id) if run.task_id is not None else None
        if task is not None:
            for number, when in at.items():
                await hear.heard(session, run, task, [number], how=hear.LIVE, at=when)
