"""A stage's limits: what its workflow says, else the hub's settings."""

from dataclasses import dataclass

from services.domain.workflow import Stage
from services.workflows.bench import bench


@dataclass(frozen=True)
class KnownLimits:
    """Seconds, counts; see StageLimits."""

    run_seconds: float
    stall_seconds: float
    poison: int
    lost_retries: int


def known_limits(stage: Stage) -> KnownLimits:
    own, hub = stage.limits, bench().settings
    return KnownLimits(
        hub.stage_run_seconds if own.run_seconds is None else own.run_seconds,
        hub.stage_stall_seconds if own.stall_seconds is None else own.stall_seconds,
        hub.stage_poison if own.poison is None else own.poison,
        hub.stage_lost_retries if own.lost_retries is None else own.lost_retries,
    )
