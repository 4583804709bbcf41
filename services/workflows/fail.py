"""Remember that a step could not be sent out: the reason and the way out, for the run's settling."""

from services.domain.errors import HubError
from services.store.models import Run
from services.store.types import now
from services.workflows.bench import bench
from services.workflows.records import Step, is_current, record


async def note_failure(run_id: str, step: Step, error: HubError) -> None:
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if await is_current(session, run):
            record(
                run,
                step,
                outcome="failed",
                reason=error.code,
                sentence=str(error),
                finished_at=now().isoformat(),
                base=error.data.get("base"),
                files=error.data.get("files", []),
            )
