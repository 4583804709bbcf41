"""Which models each role uses, in their order, and who says so."""

from collections.abc import Collection
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.model import ChosenOut, RoleModelsOut
from services.models.errors import ModelPolicyInvalid
from services.models.policy import Choice, names_in, read_policy
from services.roles.model import policy_for
from services.store.models import Project, Role

Said = Literal["project", "role", "project_default", "hub"]


async def role_models(
    session: AsyncSession, project: Project | None, default: str, providers: Collection[str]
) -> list[RoleModelsOut]:
    """Of all active roles, by name; for one project, or for a project that says nothing."""
    roles = await session.scalars(sa.select(Role).where(Role.active.is_(True)).order_by(Role.name))
    return [_of(role, project, default, providers) for role in roles]


def _of(role: Role, project: Project | None, default: str, providers: Collection[str]) -> RoleModelsOut:
    models = [
        ChosenOut.model_validate(
            {
                "model": one.model, "complexity": one.complexity, "size": one.size,
                "known": one.model.partition("/")[0] in providers,
            }
        )
        for one in _choices(policy_for(project, role, default))
    ]  # fmt: skip
    return RoleModelsOut(role=role.name, title=role.title, models=models, said_by=_said_by(role, project))


def _choices(policy: Any) -> tuple[Choice, ...]:
    """Also of one that holds no more: its models are shown, and runs say what is wrong with it."""
    try:
        return read_policy(policy)
    except ModelPolicyInvalid:
        return tuple(Choice(name) for name in names_in(policy))


def _said_by(role: Role, project: Project | None) -> Said:
    chosen: dict[str, Any] = (project.settings.get("models") or {}) if project else {}
    if chosen.get(role.name):
        return "project"
    if role.models or role.model:
        return "role"
    return "project_default" if chosen.get("default") else "hub"
