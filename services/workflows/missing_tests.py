"""Which criteria no test shows yet, by what the steps of this run have named."""

from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.drafts import CriteriaChecks, CriterionCheck
from services.prompts.sections import Section
from services.store.models import Criterion, Run
from services.workflows.criteria_facts import COMMAND
from services.workflows.records import result_of


async def without_test(session: AsyncSession, run: Run, criteria: tuple[Criterion, ...]) -> list[Criterion]:
    """Criteria that are claimed to be met and have no test, and those that nothing was said of. What is claimed not to
    be met is DEV's, not a tester's. The run's steps are read anew: one before this one may just have ended."""
    details: dict[str, Any] = await session.scalar(sa.select(Run.details).where(Run.id == run.id)) or {}
    claims: dict[int, CriterionCheck] = {}
    for entry in details.get("steps", {}).values():
        result = result_of(entry) if entry["executor"] == "tools" else None
        if result is None:
            continue
        try:
            claims |= {check.criterion: check for check in CriteriaChecks.model_validate(result.answer).checks}
        except ValidationError:
            continue  # an answer of another kind
    asked = [row for row in criteria if not row.check.startswith(COMMAND)]
    return [row for row in asked if (claim := claims.get(row.position)) is None or (claim.met and not claim.test)]


def asked_for(prompt: str, missing: list[Criterion]) -> list[Section]:
    """What the step asks beyond its stage."""
    lines = "\n".join(f"- Criterion {row.position}: {row.text}" for row in missing)
    return [
        Section("What this step asks", prompt, name="stage"),
        Section("Criteria that no test shows yet", lines, name="criteria", outside=True),
    ]
