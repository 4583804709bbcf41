"""What was tried on a task, round by round: told to the person who has to decide how it goes on."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import RunState
from services.reviews.findings import open_findings
from services.store.models import Finding, Run, Task

WAYS_ON = "Ways on: say in a comment what shall be done and run it again, waive a finding, edit the task, or move it."
MOST_RUNS = 40
MOST_FINDINGS = 15
_SAID = 240  # characters of what an agent said


async def what_was_tried(session: AsyncSession, run: Run, task: Task, found_now: Sequence[str]) -> str:
    """A line for each round: who changed which files and said what, and how it ended; then what is still there.

    `found_now` are the titles of what the run has just found, which is not filed yet.
    """
    query = sa.select(Run).where(
        Run.task_id == task.id, Run.state.in_([RunState.PASSED, RunState.FAILED]), Run.id != run.id
    )
    before = (await session.scalars(query.order_by(Run.queued_at.desc()).limit(MOST_RUNS))).all()
    lines: list[str] = []
    for number, runs in _by_round(reversed(before)):
        lines.append(f"Round {number}: {' '.join(_told(one) for one in runs)}".rstrip())
    ended = f"{run.stage.upper()} found: {'; '.join(found_now[:MOST_FINDINGS]) or 'nothing it could name'}."
    if lines and lines[-1].startswith(f"Round {run.round}:"):
        lines[-1] = f"{lines[-1]} {ended}"
    else:
        lines.append(f"Round {run.round}: {ended}")
    still = [finding for finding in await open_findings(session, task.id) if finding.title in found_now]
    if still:
        lines += ["", "Still there:", *map(_stayed, still[:MOST_FINDINGS])]
    lines += ["", WAYS_ON]
    return "\n".join(lines)


def _by_round(runs: Iterable[Run]) -> list[tuple[int, list[Run]]]:
    """Rounds as they followed on each other; a count that began anew is another round."""
    found: list[tuple[int, list[Run]]] = []
    for run in runs:
        if not found or found[-1][0] != run.round:
            found.append((run.round, []))
        found[-1][1].append(run)
    return found


def _told(run: Run) -> str:
    if run.state == RunState.FAILED:
        return f"{run.stage.upper()} failed: {run.summary[:_SAID]}."
    if not run.files_touched:
        return f"{run.stage.upper()} passed."
    said = next(
        (str(entry["sentence"]) for entry in run.details.get("steps", {}).values() if entry.get("sentence")), ""
    )
    files = ", ".join(run.files_touched[:8])
    more = f" and {len(run.files_touched) - 8} more" if len(run.files_touched) > 8 else ""
    words = f' and said: "{said[:_SAID]}"' if said else ""
    return f"{run.stage.upper()} changed {files}{more}{words}."


def _stayed(finding: Finding) -> str:
    place = f" at {finding.file}:{finding.line or 1}" if finding.file else ""
    return f"- {finding.title}{place} ({finding.severity}, since round {finding.round})"
