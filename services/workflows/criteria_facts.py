"""What a run measured and claimed of each acceptance criterion, as the gate reads it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_result import RunResult
from services.plans.drafts import CriteriaChecks, CriterionCheck
from services.reviews.criteria import BY_PERSON
from services.reviews.facts import CriterionFacts
from services.store.models import Criterion, Run, Task
from services.workflows.bench import bench
from services.workflows.places import places_there
from services.workflows.records import OWN_CHECK

COMMAND = "$ "  # a check that begins so is a command of its own
Results = Mapping[str, tuple[dict[str, Any], RunResult | None]]


async def own_commands(session: AsyncSession, task: Task) -> list[tuple[str, str]]:
    """Of the criteria whose check is a command: the name of its step, and the command."""
    rows = await session.execute(
        sa.select(Criterion.id, Criterion.check)
        .where(Criterion.task_id == task.id, Criterion.check.startswith(COMMAND, autoescape=True))
        .order_by(Criterion.position)
    )
    return [(f"{OWN_CHECK}{number}", check.removeprefix(COMMAND).strip()) for number, check in rows]


async def criteria_facts(run: Run, task: Task, results: Results) -> tuple[CriterionFacts, ...]:
    """The criteria with what agents claimed of each; unclaimed ones where no step looked at them."""
    async with bench().db.read() as session:
        query = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position)
        rows = (await session.scalars(query)).all()
    claims = _claims(results)
    there = await places_there(run, task, [claim.place for claim in claims.values() if claim.place])
    found: list[CriterionFacts] = []
    for row in rows:
        claim = claims.get(row.position)
        place = (claim.place or "").strip() if claim else ""
        entry, result = results.get(f"{OWN_CHECK}{row.id}", ({}, None))
        proofs: list[int] = entry.get("proofs") or []
        found.append(
            CriterionFacts(
                criterion_id=row.id,
                position=row.position,
                text=row.text,
                claimed=claim.met if claim else None,
                test=claim.test if claim else None,
                note=claim.note if claim else "",
                check=row.check,
                command=(row.check.removeprefix(COMMAND), result.exit_code if result else None) if entry else None,
                place=place,
                is_there=place in there,
                place_proof=proofs[0] if proofs else there.get(place),
                by_person=row.met if row.how == BY_PERSON else None,
                evidence=row.evidence,
            )
        )
    return tuple(found)


def _claims(results: Results) -> dict[int, CriterionCheck]:
    """By the criterion's number; a later step's word counts."""
    claims: dict[int, CriterionCheck] = {}
    for entry, result in results.values():
        if result is None or entry["executor"] != "tools":
            continue
        try:
            claims |= {check.criterion: check for check in CriteriaChecks.model_validate(result.answer).checks}
        except ValidationError:
            continue  # the answer is of another kind; a criterion without a claim is not met
    return claims
