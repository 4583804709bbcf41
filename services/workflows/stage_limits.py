"""A stage's limits: what its workflow says, else the hub's settings."""

from dataclasses import dataclass
from typing import Any

from services.contract.run_spec import Limits
from services.domain.workflow import Stage
from services.roles.settings import RoleSettings
from services.store.models import Role
from services.workflows.bench import bench


@dataclass(frozen=True)
class KnownLimits:
    """Seconds, counts; see StageLimits."""

    run_seconds: float
    stall_seconds: float
    poison: int
    lost_retries: int


def job_limits(stage: Stage | None, role: Role | None = None) -> Limits:
    """Of one step: what the workflow's stage says, else the role that is asked in it, else the hub."""
    hub = bench().settings
    limits: dict[str, Any] = {"run_seconds": hub.stage_run_seconds, "stall_seconds": hub.stage_stall_seconds}
    if role is not None:
        limits |= RoleSettings.model_validate(role.settings).limits.model_dump(exclude_none=True)
    if stage is not None:
        limits |= stage.limits.model_dump(include={"run_seconds", "stall_seconds"}, exclude_none=True)
    return Limits.model_validate(limits)


def known_limits(stage: Stage) -> KnownLimits:
    own, hub = stage.limits, bench().settings
    return KnownLimits(
        hub.stage_run_seconds if own.run_seconds is None else own.run_seconds,
        hub.stage_stall_seconds if own.stall_seconds is None else own.stall_seconds,
        hub.stage_poison if own.poison is None else own.poison,
        hub.stage_lost_retries if own.lost_retries is None else own.lost_retries,
    )
