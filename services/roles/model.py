"""Which models a role uses in a project."""

from typing import Any

from services.models.policy import read_policy
from services.store.models import Project, Role


def policy_for(project: Project | None, role: Role, default: str) -> Any:
    """The project's choice for the role, else the role's, else the project's, else the hub's default; as it is kept:
    one name, or a list that read_policy takes."""
    chosen: dict[str, Any] = (project.settings.get("models") or {}) if project else {}
    return chosen.get(role.name) or role.models or role.model or chosen.get("default") or default


def model_for(project: Project | None, role: Role, default: str) -> str:
    """The first of them."""
    policy = policy_for(project, role, default)
    return policy if isinstance(policy, str) else read_policy(policy)[0].model
