"""Grants: checked against what there is when they are given, told when they change, and in words."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials.credentials import list_credentials
from services.deploys.settings import EVERYWHERE, DeploySettings, deploy_of
from services.domain.changes import between
from services.domain.errors import InvalidInput
from services.events import log
from services.store.models import Project


async def check_secrets(session: AsyncSession, settings: dict[str, Any]) -> None:
    """Raises InvalidInput, which names the first granted secret that is not stored."""
    granted = deploy_of(settings).secrets
    if not granted:
        return
    known = {f"{one.provider}/{one.label}" for one in await list_credentials(session)}
    for variable, name in granted.items():
        if name not in known:
            there = f"Stored are: {', '.join(sorted(known)[:20])}." if known else "None is stored yet."
            raise InvalidInput(
                f"settings.deploy.secrets.{variable}: there is no stored credential {name}.",
                f"{there} Add one with POST /credentials.",
            )


async def tell_change(session: AsyncSession, project: Project, before: dict[str, Any], actor: str) -> None:
    """Who let a deploy reach what is on record, with what it was before. Nothing where nothing changed."""
    old, new = deploy_of(before), deploy_of(project.settings)
    if old != new:
        told = between(old.model_dump(mode="json"), new.model_dump(mode="json"))
        about: dict[str, Any] = {"version": project.version, **told}
        await log.append(session, "deploy.granted", actor=actor, project_id=project.id, **about)


def in_words(deploy: DeploySettings) -> list[str]:
    """A sentence for each thing that the command may reach; one where it is nothing."""
    told: list[str] = []
    if deploy.whole_network:
        told.append("It may reach the whole network.")
    elif deploy.network:
        told.append(f"It may reach {', '.join(deploy.network)}, by a proxy.")
    told += [f"It is given the stored secret {name} as {variable}." for variable, name in deploy.secrets.items()]
    told += [f"It may write {path}." for path in deploy.paths]
    if deploy.env:
        told.append(f"It is given the variables {', '.join(deploy.env)}.")
    if deploy.test_network:
        hosts = "the whole network" if EVERYWHERE in deploy.test_network else ", ".join(deploy.test_network)
        told.append(f"The tests behind it may reach {hosts}.")
    return told or ["It is granted nothing: no network, no secret, no folder but its own checkout."]
