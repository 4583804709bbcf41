"""Which model a role uses in a project."""

from services.store.models import Project, Role


def model_for(project: Project | None, role: Role, default: str) -> str:
    """The project's choice for the role, else the role's, else the project's, else the hub's default."""
    chosen: dict[str, str] = project.settings.get("models", {}) if project else {}
    return chosen.get(role.name) or role.model or chosen.get("default") or default
