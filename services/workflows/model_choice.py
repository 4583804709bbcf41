"""Which model a run uses, and what is known of it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.choices.choose import House, choose
from services.contract.run_spec import ModelAccess
from services.models.stored_profiles import profile_in
from services.store.models import Project, Role, Run, Task
from services.workflows.settings import OrchestratorSettings


async def access_of(
    session: AsyncSession, settings: OrchestratorSettings, project: Project, role: Role, run: Run, task: Task | None
) -> tuple[ModelAccess, dict[str, Any] | None]:
    """How the run reaches the first of its models, and the choice it has to remember (Chosen.plain). The token is added
    when the step is sent out."""
    chosen = await choose(session, house_of(settings), project, role, run, task)
    name = chosen.models[0]
    profile = await profile_in(session, name, settings.profiles, settings.card)
    access = ModelAccess(
        gateway_url=settings.gateway_url,
        token="",
        model=name,
        edit_format=profile.edit_format,
        context_tokens=profile.context_tokens,
        max_output_tokens=profile.max_output_tokens,
    )
    return access, chosen.plain


def house_of(settings: OrchestratorSettings) -> House:
    return House(
        settings.default_model, settings.own_providers, settings.offline, settings.budgets,
        settings.fallback_again_seconds,
    )  # fmt: skip
