"""The time for which a run stood still, which counts for nothing."""

from services.store.models import Run
from services.store.types import now


def goes_on(run: Run) -> float:
    """It stands still no more, or is over: its time is added up. Answers the seconds of this time."""
    rested = (now() - run.held_at).total_seconds() if run.held_at is not None else 0.0
    run.paused_seconds += rested
    run.held = run.held_at = None
    return rested
