"""What one run passes to the next, and the comment that tells a person what it did."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import HandoffState, RunState, WaitingReason
from services.redaction import KNOWN
from services.store.later import say
from services.store.models import Comment, Handoff, Run, Task
from services.store.plain import Statement
from services.store.types import now
from services.workflows.ending import Ending
from services.workflows.points_of_work import points_of_work
from services.workflows.records import recorded, result_of

_HANDOFFS: Any = Handoff.__table__
_ACCEPTED = sa.update(_HANDOFFS).where(
    _HANDOFFS.c.to_run_id == sa.bindparam("run"), _HANDOFFS.c.state == HandoffState.ACCEPTED.value
)
_COMPLETE = Statement(_ACCEPTED, ["state", "finished_at"])
_GIVE_BACK = Statement(_ACCEPTED, ["state", "to_run_id", "accepted_at"])
_PASS_ON = Statement(
    sa.insert(_HANDOFFS),
    ["created_at", "task_id", "from_run_id", "from_stage", "to_stage", "state", "summary", "data"],
)
_SAY = Statement(
    sa.insert(Comment.__table__),  # pyright: ignore[reportArgumentType]  # it is a table
    ["created_at", "updated_at", "version", "task_id", "run_id", "author", "body"],
)
GOES_ON = frozenset({WaitingReason.BUDGET, WaitingReason.ANSWER})


async def hand_over(session: AsyncSession, run: Run, task: Task, ending: Ending) -> None:
    """Completes what this run had accepted and passes on what it leaves. A lost run gives back what it took, and
    so does one that waits for money or for an answer: who goes on takes it again."""
    lost = ending.state is RunState.LOST
    if lost or ending.waits in GOES_ON:
        back = {"state": HandoffState.CREATED, "to_run_id": None, "accepted_at": None}
        await say(session, _GIVE_BACK, {**back, "run": run.id})
    else:
        await say(session, _COMPLETE, {"state": HandoffState.COMPLETED, "finished_at": now(), "run": run.id})
    if lost:
        return
    summary, at = summary_of(run, ending), now()
    body = KNOWN(f"{asked_of(run, task)}\n{summary}\n{shown_by_git(run, task)}")
    said = {"task_id": task.id, "run_id": run.id, "author": run.role or "hub", "body": body}
    await say(session, _SAY, {**said, "created_at": at, "updated_at": at})
    if ending.goes_to and ending.goes_to != run.stage:
        stages = {"from_stage": run.stage, "to_stage": ending.goes_to, "state": HandoffState.CREATED}
        data: dict[str, Any] = {"files": run.files_touched, "result": ending.result}
        data |= await points_of_work(session, run, task)
        if ending.conflicts:
            data["conflicts"] = KNOWN.value(list(ending.conflicts))
        passed = {"summary": summary, "data": data}
        ids = {"task_id": task.id, "from_run_id": run.id, "created_at": at}
        await say(session, _PASS_ON, {**ids, **stages, **passed})


def asked_of(run: Run, task: Task) -> str:
    """What the run was asked, in a line."""
    again = f", and to mend what round {run.round - 1} found" if run.round > 1 else ""
    return f"Asked: {task.title}{again}"


def shown_by_git(run: Run, task: Task) -> str:
    """The commits that the run left, on the branch or, where it merged, on the person's."""
    merged = [entry["merged"]["commit"][:12] for entry in recorded(run).values() if entry.get("merged")]
    if merged:
        return f"Git: merged as {', '.join(merged)}"
    commits = [entry["commit"][:12] for entry in recorded(run).values() if entry.get("commit")]
    return f"Git: {', '.join(commits)} on {task.branch}" if commits else "Git: no commit by this run"


def measured_by(entry: dict[str, Any]) -> str:
    """What a step of any executor came to, in a few words."""
    if tests := entry.get("tests"):
        return f"{tests['passed']} tests passed, {tests['failed'] + tests['errors']} failed"
    if entry["executor"] in ("command", "deploy") and entry.get("exit_code") is not None:
        return f"exit code {entry['exit_code']}"
    if entry["executor"] == "scan" and entry.get("outcome") == "completed":
        return f"{entry.get('findings') or 'no'} new findings"
    result = result_of(entry) if entry["executor"] == "tools" else None
    said: object = result.answer if result else None
    answer = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    for part, did in (("checks", "looked at"), ("criteria", "wrote")):
        if isinstance(found := answer.get(part), list):
            return f"{did} {len(cast('list[object]', found))} criteria"
    return ""


def summary_of(run: Run, ending: Ending) -> str:
    """What the run did, from facts: its steps, their outcomes, the files git shows."""
    lines = [f"{run.stage.upper()} (round {run.round}): {ending.sentence or ending.result}"]
    for name, entry in recorded(run).items():
        said = " ".join(part for part in (measured_by(entry), entry.get("sentence", "")[:400]) if part)
        lines.append(f"- {name}: {entry.get('outcome', 'not done')} {said}".rstrip())
    for one in run.details.get("made", []):
        lines.append(
            f"Made: {one['name']} {one['title']}" if "id" in one else f"Not made: {one['title']} ({one['refused']})"
        )
    if run.files_touched:
        lines.append(f"Files: {', '.join(run.files_touched[:20])}")
    return "\n".join(lines)
