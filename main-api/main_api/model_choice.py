"""Ordered choices of models as people send them, checked against the providers that this hub has."""

from collections.abc import Sequence
from typing import Any, cast

from main_api.hub import HubParts
from main_api.schemas.model_choice import ModelFor
from services.deploys.settings import DeploySettings, check_paths
from services.domain.errors import InvalidInput
from services.models.errors import ModelPolicyInvalid
from services.models.policy import read_policy, written
from services.projects.settings import checked


def as_kept(hub: HubParts, models: Sequence[str | ModelFor] | None) -> list[Any] | None:
    """For the database. Raises ModelPolicyInvalid."""
    if models is None:
        return None
    plain = [one if isinstance(one, str) else one.model_dump(exclude_defaults=True) for one in models]
    return written(read_policy(plain, hub.gateway.providers))


def allowed_eyes(hub: HubParts, model: str | None) -> str | None:
    """Who describes pictures, of the owner's list. Raises InvalidInput."""
    if not model:
        return None
    allowed = hub.settings.vision_models
    if model not in allowed:
        way_out = f"Choose one of the owner's list, VISION_MODELS: {', '.join(allowed) or 'it is empty'}."
        raise InvalidInput(f"{model} is not allowed to be shown pictures.", way_out)
    return model


def check_settings(hub: HubParts, settings: dict[str, Any] | None) -> None:
    """A project's `models`: by role, and `default`, one name or an ordered choice; and where its deploys may write.
    Raises ModelPolicyInvalid, InvalidInput."""
    deploy = (checked(settings) if settings else {}).get("deploy")
    if isinstance(deploy, dict):
        given = {name: value for name, value in cast("dict[str, Any]", deploy).items() if value is not None}
        check_paths(DeploySettings.model_validate(given), hub.settings.home)
    by_role = (settings or {}).get("models")
    if by_role is None:
        return
    if not isinstance(by_role, dict):
        raise ModelPolicyInvalid("A project's models are named by role.", 'Write {"dev": ["provider/name"]}.')
    for policy in by_role.values():
        if policy:
            read_policy(policy, hub.gateway.providers)
