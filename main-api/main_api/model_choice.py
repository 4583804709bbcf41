"""Ordered choices of models as people send them, checked against the providers that this hub has."""

from collections.abc import Sequence
from typing import Any

from main_api.hub import HubParts
from main_api.schemas.model_choice import ModelFor
from services.models.errors import ModelPolicyInvalid
from services.models.policy import read_policy, written


def as_kept(hub: HubParts, models: Sequence[str | ModelFor] | None) -> list[Any] | None:
    """For the database. Raises ModelPolicyInvalid."""
    if models is None:
        return None
    plain = [one if isinstance(one, str) else one.model_dump(exclude_defaults=True) for one in models]
    return written(read_policy(plain, hub.gateway.providers))


def check_settings(hub: HubParts, settings: dict[str, Any] | None) -> None:
    """A project's `models`: by role, and `default`, one name or an ordered choice. Raises ModelPolicyInvalid."""
    by_role = (settings or {}).get("models")
    if by_role is None:
        return
    if not isinstance(by_role, dict):
        raise ModelPolicyInvalid("A project's models are named by role.", 'Write {"dev": ["provider/name"]}.')
    for policy in by_role.values():
        if policy:
            read_policy(policy, hub.gateway.providers)
