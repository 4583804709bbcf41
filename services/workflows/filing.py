"""What a run found, filed with its task; and what a person is told when rounds do not help."""

import hashlib
import re
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState, WaitingReason
from services.redaction import KNOWN
from services.reviews.findings import file_findings, file_of_base
from services.reviews.gate import Verdict
from services.reviews.tried import what_was_tried
from services.store.models import Comment, Run, Task
from services.workflows.bench import bench
from services.workflows.ending import Ending

_VARIES = re.compile(r"0x[0-9a-f]+|\d+")
_LONGEST_SENTENCE = 1_500  # characters


async def looked_at(run: Run, task: Task, verdict: Verdict, ending: Ending) -> Ending:
    """The ending; a person's, when the last rounds left the very same findings. Then, and after the last round, with
    what was tried. Only an ending that would begin another round is looked at."""
    if not ending.new_round:
        return ending
    again = bench().settings.same_findings_rounds
    async with bench().db.read() as session:
        if ending.waits is None and task.round >= again and await _is_stuck(session, run, task, verdict, ending, again):
            told = f"{again} rounds in a row ended with the same findings: {ending.sentence}"
            ending = replace(ending, waits=WaitingReason.ROUNDS, sentence=told)
        if ending.waits is not WaitingReason.ROUNDS:
            return ending
        tried = await what_was_tried(session, run, task, [f.title for f in (*verdict.findings, *ending.findings)])
    lines = [line for line in tried.splitlines() if line.startswith("Round")]
    short = f"{ending.sentence} What was tried: {' '.join(lines)}"[:_LONGEST_SENTENCE]
    return replace(ending, sentence=short, tried=KNOWN(f"{ending.sentence}\n\n{tried}"))


async def keep_findings(session: AsyncSession, run: Run, task: Task, verdict: Verdict, ending: Ending) -> None:
    """Files them. A run that broke off says nothing of what it did not look at."""
    if ending.by_gate:
        await file_findings(session, task, run, [*verdict.findings, *ending.findings], verdict.unmeasured)
        await file_of_base(session, task, run, verdict.on_base)
    elif ending.judged:
        await file_findings(session, task, run, ending.findings, None)
    if ending.new_round:
        run.details = {**run.details, "found": _digest(verdict, ending)}
    if ending.tried:
        session.add(Comment(task_id=task.id, run_id=run.id, author="hub", body=ending.tried))


async def _is_stuck(session: AsyncSession, run: Run, task: Task, verdict: Verdict, ending: Ending, again: int) -> bool:
    """Whether the runs of this stage in the rounds just before found the very same."""
    query = sa.select(Run.round, Run.details).where(
        Run.task_id == task.id, Run.stage == run.stage, Run.state == RunState.FAILED
    )
    rows = (await session.execute(query.order_by(Run.queued_at.desc()).limit(again - 1))).all()
    mine = _digest(verdict, ending)
    found: list[tuple[int, Any]] = [(row.round, row.details.get("found")) for row in rows]
    return found == [(task.round - back, mine) for back in range(1, again)]


def _digest(verdict: Verdict, ending: Ending) -> str:
    """The same for the same findings with the same words, numbers in them aside: those are often times."""
    parts = sorted(
        f"{f.fingerprint}{_VARIES.sub('#', f.message[:2000])}" for f in (*verdict.findings, *ending.findings)
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
