"""The first admission, made ready: see services/plans/rehearsal.py."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.rehearsal import rehearse
from services.scheduling.admit import admit
from services.workflows.bench import Bench


async def rehearse_admission(bench: Bench) -> None:
    """Admits what a plan that never was would have started, and takes it back. Changes nothing."""

    async def admitted(session: AsyncSession) -> None:
        await admit(session, bench.owner, bench.limits)

    await rehearse(bench.db, admitted)
