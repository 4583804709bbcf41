"""Which model a run uses, and what is known of it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.run_spec import ModelAccess
from services.models.stored_profiles import profile_in
from services.models.tokens import estimate
from services.roles.model import model_for
from services.store.models import Project, Role
from services.workflows.settings import OrchestratorSettings


async def access_of(session: AsyncSession, settings: OrchestratorSettings, project: Project, role: Role) -> ModelAccess:
    """How the run reaches its model. The token is added when the step is sent out."""
    name = model_for(project, role, settings.default_model)
    profile = await profile_in(session, name, settings.profiles)
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
