"""The limits that admission keeps."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SchedulingLimits:
    """Most live runs of one orchestrator and of one project; a queued task gains 1 priority each `ageing_seconds`."""

    worker_capacity: int = 4
    per_project: int = 4
    ageing_seconds: float = 600.0
