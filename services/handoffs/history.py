"""The life of a handoff, as its row remembers it."""

from dataclasses import dataclass
from datetime import datetime

from services.domain.states import HandoffState
from services.store.models import Handoff

RUN = "hub"  # who moved it, where the row names nobody: a run did


@dataclass(frozen=True)
class Moment:
    """One move: into which state, when, by whom, in which run."""

    state: str
    at: datetime
    by: str
    run_id: str | None
    note: str = ""


def history_of(row: Handoff) -> list[Moment]:
    """Oldest first. A handoff that a lost run gave back is as if that run had never had it."""
    moments = [Moment(HandoffState.CREATED, row.created_at, row.created_by, row.from_run_id)]
    if row.accepted_at is not None:
        moments.append(Moment(HandoffState.ACCEPTED, row.accepted_at, row.accepted_by or RUN, row.to_run_id))
    if row.finished_at is not None:
        moments.append(Moment(row.state, row.finished_at, row.finished_by or RUN, row.to_run_id, row.note))
    return moments
