"""Collect what the run's steps measured, as the gate reads it."""

import sqlalchemy as sa
from pydantic import ValidationError

from services.contract.run_result import RunResult
from services.domain.workflow import Gate
from services.plans.drafts import CriteriaChecks, CriterionCheck
from services.reviews.facts import CommandFacts, CriterionFacts, StageFacts
from services.store.models import Criterion, Run, Task
from services.workflows import baseline
from services.workflows.bench import bench
from services.workflows.records import recorded, result_of

TAIL_CHARACTERS = 1_500


async def collect(run: Run, task: Task, gate: Gate) -> StageFacts:
    """Facts of this run alone; the base's report comes from whichever run measured it."""
    results = {name: (entry, result_of(entry)) for name, entry in recorded(run).items()}
    commands = [
        CommandFacts(
            name=entry["name"],
            exit_code=result.exit_code,
            tests=result.tests,
            base=await baseline.report(run.project_id, run.base_sha, entry["name"]),
            tail=_tail(result),
        )
        for entry, result in results.values()
        if result and entry["executor"] == "command" and not entry["name"].endswith("-base")
    ]
    answers = [result for entry, result in results.values() if result and entry["executor"] == "tools"]
    return StageFacts(
        commands=tuple(commands),
        findings=tuple(finding for _, result in results.values() if result for finding in result.findings),
        criteria=await _criteria(task, answers),
        files_changed=tuple(run.files_touched),
        branch_changed=gate.changes_required and await _branch_changed(run, task),
        merged=any(entry.get("merged") for entry, _ in results.values()),
    )


def _tail(result: RunResult) -> str:
    return result.sentence[-TAIL_CHARACTERS:]


async def _branch_changed(run: Run, task: Task) -> bool:
    if task.branch is None or run.base_sha is None:
        return False
    return bool(await bench().repos.changed_files(run.project_id, run.base_sha, task.branch))


async def _criteria(task: Task, answers: list[RunResult]) -> tuple[CriterionFacts, ...]:
    """The criteria with what QA claimed of each; none where no step of the stage looks at them."""
    if not answers:
        return ()
    async with bench().db.read() as session:
        query = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position)
        rows = (await session.scalars(query)).all()
    claims: dict[int, CriterionCheck] = {}
    for answer in answers:
        try:
            claims |= {check.criterion: check for check in CriteriaChecks.model_validate(answer.answer).checks}
        except ValidationError:
            continue  # the answer is of another kind; a criterion without a claim is not met
    return tuple(
        CriterionFacts(
            criterion_id=row.id,
            position=row.position,
            text=row.text,
            claimed=claims[row.position].met if row.position in claims else None,
            test=claims[row.position].test if row.position in claims else None,
            note=claims[row.position].note if row.position in claims else "",
        )
        for row in rows
    )
