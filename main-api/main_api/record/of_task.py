"""The facts of one task: where it stands, what was found, measured, proven, said, and what it cost."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.record.words import at, lasted, sentence, short, spent
from services.domain.states import FindingState
from services.guide.facts import Fact
from services.store.models import (
    Comment,
    Criterion,
    Finding,
    GateResult,
    Proof,
    Question,
    Run,
    Task,
    TaskDependency,
)

HOW = {"proven": "proven", "judged": "judged by an agent", "by_person": "a person's word"}
RUNS, JUDGED, FINDINGS, PROOFS, SAID = 20, 4, 20, 12, 8  # the newest of each


async def task_facts(session: AsyncSession, task: Task) -> list[Fact]:
    """In the order in which they are told where no question says otherwise."""
    runs = (
        await session.scalars(
            sa.select(Run).where(Run.task_id == task.id).order_by(Run.queued_at.desc(), Run.id.desc()).limit(RUNS)
        )
    ).all()
    return [
        *_standing(task),
        *await _waits(session, task),
        *await _gates(session, task, runs),
        *await _findings(session, task),
        *await _criteria(session, task),
        *(_run(task, run) for run in runs),
        *await _cost(session, task),
        *await _proofs(session, task),
        *_change(task, runs),
        *await _asked(session, task),
        *await _said(session, task),
    ]


def _place(task: Task, tab: str | None = None, **more: Any) -> dict[str, Any]:
    return {"task": task.id, **({"tab": tab} if tab else {}), **more}


def _standing(task: Task) -> list[Fact]:
    state = f"waits for a person ({task.waiting_reason})" if task.state == "waiting" else task.state
    said = sentence(
        f"{task.key} “{short(task.title, 120)}” is {state}, at the stage {task.stage}, in round {task.round}",
        f"It is a {task.kind} of priority {task.priority} and size {task.size}",
        f"It was merged as {task.merged_sha[:7]} at {at(task.merged_at)}" if task.merged_sha else "",
        f"It is paused since {at(task.paused_at)}, by {task.paused_by}" if task.paused_at else "",
    )
    return [Fact("state", said, task.key, _place(task, "overview"))]


async def _waits(session: AsyncSession, task: Task) -> list[Fact]:
    facts: list[Fact] = []
    if task.waiting_sentence:
        since = f" Since {at(task.waiting_since)}." if task.waiting_since else ""
        said = f"{task.key} waits: {short(task.waiting_sentence)}{since}"
        facts.append(Fact("wait", said, "what it waits for", _place(task, "overview")))
    query = (
        sa.select(Task.id, Task.key, Task.title, Task.state)
        .join(TaskDependency, TaskDependency.blocked_by_id == Task.id)
        .where(TaskDependency.task_id == task.id, Task.state != "done")
    )
    for id, key, title, state in await session.execute(query):
        said = f"{task.key} can't begin before {key} “{short(title, 100)}”, which is {state}."
        facts.append(Fact("wait", said, key, {"task": id}))
    return facts


async def _gates(session: AsyncSession, task: Task, runs: Sequence[Run]) -> list[Fact]:
    """Each failed rule, and what passed in one line; of the newest runs that a gate judged."""
    by_run: dict[str, list[GateResult]] = defaultdict(list)
    query = sa.select(GateResult).where(GateResult.run_id.in_([run.id for run in runs])).order_by(GateResult.id)
    for result in await session.scalars(query):
        by_run[result.run_id].append(result)
    facts: list[Fact] = []
    for run in [run for run in runs if run.id in by_run][:JUDGED]:
        name, place = f"gate of {run.stage.upper()}, round {run.round}", _place(task, "runs", run=run.id)
        for one in by_run[run.id]:
            if one.passed:
                continue
            over = f"{one.overridden_by} let it pass: {short(one.note)}" if one.overridden_by else ""
            said = sentence(
                f"The {name} did not pass: {one.rule.replace('_', ' ')}", short(one.reason),
                f"Expected {short(one.expected, 160)}, measured {short(one.measured, 200)}", over,
            )  # fmt: skip
            facts.append(Fact("gate", said, name, place))
        passed = [one.rule.replace("_", " ") for one in by_run[run.id] if one.passed]
        if passed:
            facts.append(Fact("gate", f"At the {name} these held: {', '.join(passed)}.", name, place))
    return facts


async def _findings(session: AsyncSession, task: Task) -> list[Fact]:
    still = sa.case((Finding.state == FindingState.OPEN, 0), else_=1)
    query = sa.select(Finding).where(Finding.task_id == task.id).order_by(still, Finding.id.desc()).limit(FINDINGS)
    facts: list[Fact] = []
    for one in await session.scalars(query):
        where = f" in {one.file}{f', line {one.line}' if one.line else ''}" if one.file else ""
        said = sentence(
            f"Finding of {one.stage.upper()} ({one.tool}), {one.severity}, {one.state}{where}: {short(one.title, 200)}",
            short(one.message) if one.message != one.title else "",
            "It is on the base already, so not this task's doing" if one.on_base else "",
            f"{one.decided_by}: {short(one.note)}" if one.note else "",
        )
        place = _place(task, "changes", file=one.file, line=one.line) if one.file else _place(task, "overview")
        facts.append(Fact("finding", said, f"{one.file}:{one.line}" if one.file and one.line else "finding", place))
    return facts


async def _criteria(session: AsyncSession, task: Task) -> list[Fact]:
    facts: list[Fact] = []
    query = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position)
    for number, one in enumerate(await session.scalars(query), 1):
        stands = {None: "nobody has looked yet", True: "it holds", False: "it does not hold"}[one.met]
        how = f", {HOW[one.how]}" if one.how in HOW else ""
        said = sentence(
            f"Criterion {number}, “{short(one.text, 200)}”: {stands}{how}",
            short(one.evidence, 200), f"Seen at {one.place}" if one.place else "",
        )  # fmt: skip
        facts.append(Fact("criterion", said, f"criterion {number}", _place(task, "overview")))
    return facts


def _run(task: Task, run: Run) -> Fact:
    name = f"{run.stage.upper()} run, round {run.round}"
    model = f"with {run.model}" if run.model else ""
    took = lasted(run.started_at, run.finished_at)
    said = sentence(
        f"The {name} by {run.role or 'nobody'} {model} {run.state}{f' after {took}' if took else ''}",
        short(run.reason.replace("_", " "), 100), short(run.summary),
        f"It cost {spent(run.cost, run.tokens_in, run.tokens_out)}" if run.tokens_in or run.cost else "",
    )  # fmt: skip
    return Fact("run", said, name, _place(task, "runs", run=run.id))


async def _cost(session: AsyncSession, task: Task) -> list[Fact]:
    sums = (sa.func.count(), sa.func.sum(Run.cost), sa.func.sum(Run.tokens_in), sa.func.sum(Run.tokens_out))
    query = sa.select(Run.stage, *sums).where(Run.task_id == task.id).group_by(Run.stage).order_by(Run.stage)
    rows = (await session.execute(query)).all()
    if not rows:
        return [Fact("cost", f"{task.key} cost nothing yet: it had no run.", "cost", _place(task, "runs"))]
    count, cost = sum(row[1] for row in rows), sum(row[2] for row in rows)
    whole = spent(cost, sum(row[3] for row in rows), sum(row[4] for row in rows))
    stages = "; ".join(f"{row[0].upper()} {spent(row[2], row[3], row[4])} in {row[1]} runs" for row in rows)
    said = f"{task.key} cost {whole} so far, in {count} runs. By stage: {stages}."
    return [Fact("cost", said, f"cost of {task.key}", _place(task, "runs"))]


async def _proofs(session: AsyncSession, task: Task) -> list[Fact]:
    query = sa.select(Proof).where(Proof.task_id == task.id).order_by(Proof.id.desc()).limit(PROOFS)
    facts: list[Fact] = []
    for one in await session.scalars(query):
        counts: dict[str, Any] = one.facts.get("tests") or {}
        measured = ", ".join(
            f"{counts[name]} {name}" for name in ("passed", "failed", "errors", "skipped") if counts.get(name)
        )
        code, by = one.facts.get("exit_code"), one.stage.upper() or one.created_by
        said = sentence(
            f"Proof {one.name} ({one.kind.replace('_', ' ')}) of {by}, {at(one.created_at)}",
            f"It measured {measured}" if measured else "", f"Exit code {code}" if code is not None else "",
            short(one.note, 200), f"It begins: {short(one.preview, 200)}" if one.preview and not measured else "",
        )  # fmt: skip
        facts.append(Fact("proof", said, one.name, _place(task, "evidence", proof=one.id)))
    return facts


def _change(task: Task, runs: Sequence[Run]) -> list[Fact]:
    touched = sorted({path for run in runs for path in run.files_touched})
    if not touched and task.branch is None:
        return [Fact("change", f"{task.key} changed nothing yet.", "change", _place(task, "changes"))]
    facts: list[Fact] = []
    if task.branch is not None:
        said = f"{task.key} works on the branch {task.branch}."
        facts.append(Fact("change", said, "branch", _place(task, "changes")))
    if touched:
        named = ", ".join(touched[:20]) + (f" and {len(touched) - 20} more" if len(touched) > 20 else "")
        facts.append(Fact("change", f"{task.key} changed {named}.", "change", _place(task, "changes")))
    return facts


async def _asked(session: AsyncSession, task: Task) -> list[Fact]:
    query = sa.select(Question).where(Question.task_id == task.id).order_by(Question.id.desc()).limit(SAID)
    facts: list[Fact] = []
    for one in await session.scalars(query):
        ended = f"Answered by {one.answered_by}: {short(one.answer or '')}" if one.state == "answered" else one.state
        said = sentence(f"{(one.role or 'An agent').upper()} asked: {short(one.text)}", ended)
        facts.append(Fact("question", said, "what was asked", _place(task, "overview")))
    return facts


async def _said(session: AsyncSession, task: Task) -> list[Fact]:
    there = (Comment.task_id == task.id, Comment.deleted_at.is_(None))
    query = sa.select(Comment).where(*there).order_by(Comment.id.desc()).limit(SAID)
    return [
        Fact("talk", f"{one.author} said at {at(one.created_at)}: {short(one.body)}", "talk", _place(task, "talk"))
        for one in await session.scalars(query)
    ]
