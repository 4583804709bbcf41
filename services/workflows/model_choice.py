"""Which model a run uses, and what is known of it."""

from services.contract.run_spec import ModelAccess
from services.models.profiles import profile_of
from services.models.tokens import estimate
from services.store.models import Project, Role
from services.workflows.settings import OrchestratorSettings


def model_of(settings: OrchestratorSettings, project: Project, role: Role) -> str:
    """The project's choice for the role, else the role's, else the project's, else the hub's default."""
    chosen: dict[str, str] = project.settings.get("models", {})
    return chosen.get(role.name) or role.model or chosen.get("default") or settings.default_model


def access_of(settings: OrchestratorSettings, project: Project, role: Role) -> ModelAccess:
    """How the run reaches its model. The token is added when the step is sent out."""
    name = model_of(settings, project, role)
    profile = profile_of(name)
    return ModelAccess(
        gateway_url=settings.gateway_url,
        token="",
        model=name,
        edit_format=profile.edit_format,
        context_tokens=profile.context_tokens,
        max_output_tokens=profile.max_output_tokens,
    )


def count_tokens(text: str) -> int:
    return estimate(text)
