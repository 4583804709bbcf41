"""Remember that a step could not be sent out: the reason and the way out, for the run's settling."""

from services.domain.errors import HubError
from services.store.types import now
from services.workflows.in_hand import change
from services.workflows.records import Step, record


async def note_failure(run_id: str, step: Step, error: HubError) -> None:
    over = {"outcome": "failed", "reason": error.code, "sentence": str(error), "finished_at": now().isoformat()}
    about = {"base": error.data.get("base"), "files": error.data.get("files", [])}
    about |= {name: error.data[name] for name in ("carried_to", "conflicts") if name in error.data}
    await change(run_id, lambda _rows, run, _task: record(run, step, **over, **about))
