"""Credentials of trackers, and which of their projects belongs to which of ours."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials import credentials
from services.domain.changes import changed, gone, made
from services.domain.errors import Conflict, NotFound
from services.events import log
from services.store.models import Credential, Project, TrackerProject, TrackerProvider, TrackerTask
from services.trackers.errors import TrackerUnavailable
from services.trackers.facts import OutsideProject
from services.trackers.provider import PROVIDERS, Provider


class TrackerInUse(Conflict):
    """Projects depend on the credential: `projects` in its data."""

    code = "tracker_in_use"


async def seed_providers(session: AsyncSession) -> None:
    """Idempotent: what the code says of a tracker is what the table says."""
    known = {row.name: row for row in await session.scalars(sa.select(TrackerProvider))}
    for one in PROVIDERS:
        row = known.get(one.name)
        if row is None:
            row = TrackerProvider(name=one.name)
            session.add(row)
        for field in ("title", "available", "sentence", "sign_in"):
            if getattr(row, field) != getattr(one, field):
                setattr(row, field, getattr(one, field))
    await session.flush()


def available(name: str) -> Provider:
    """Raises NotFound for a tracker nobody knows, TrackerUnavailable for one the hub can not speak with yet."""
    found = next((one for one in PROVIDERS if one.name == name), None)
    if found is None:
        raise NotFound(f"There is no tracker {name!r}.", "List them with GET /integrations/providers.")
    if not found.available:
        raise TrackerUnavailable(
            f"{found.title} is not available yet.",
            "Choose another tracker: GET /integrations/providers.",
            provider=name,
        )
    return found


async def credential_of(session: AsyncSession, credential_id: int) -> Credential:
    """Raises NotFound for one that is not there or is no tracker's."""
    row = await session.get(Credential, credential_id)
    if row is None or row.provider not in {one.name for one in PROVIDERS}:
        raise NotFound(f"No tracker has a credential {credential_id}.", "List them with GET /integrations/credentials.")
    return row


async def dependents(session: AsyncSession, credential_id: int) -> Sequence[TrackerProject]:
    query = sa.select(TrackerProject).where(TrackerProject.credential_id == credential_id).order_by(TrackerProject.id)
    return (await session.scalars(query)).all()


async def revoke(session: AsyncSession, credential_id: int, force: bool, actor: str) -> None:
    """Deletes it. What was imported stays, with its links; nothing more comes. Raises TrackerInUse without `force`."""
    await credential_of(session, credential_id)
    links = await dependents(session, credential_id)
    if links and not force:
        names = ", ".join(link.name for link in links)
        raise TrackerInUse(
            f"Imports of {names} use this credential.", "Send force=true to delete it: what was imported stays.",
            projects=[{"id": link.id, "name": link.name, "project_id": link.project_id} for link in links],
        )  # fmt: skip
    for link in links:
        link.credential_id = None
    await session.flush()
    await credentials.delete(session, credential_id, actor)


async def tie(
    session: AsyncSession, credential_id: int, theirs: OutsideProject, project_id: int, actor: str
) -> TrackerProject:
    """The link of their project with ours: a new one, or the one there is, with this credential from now on."""
    credential = await credential_of(session, credential_id)
    project = await session.get(Project, project_id, with_for_update=True)
    if project is None or project.deleted_at is not None:
        raise NotFound(f"There is no project with id {project_id}.", "List them with GET /projects.")
    query = sa.select(TrackerProject).where(
        TrackerProject.provider == credential.provider,
        TrackerProject.external_id == theirs.id,
        TrackerProject.project_id == project_id,
    )
    link = await session.scalar(query)
    about = {"provider": credential.provider, "external_id": theirs.id, "name": theirs.name}
    if link is None:
        link = TrackerProject(project_id=project_id, url=theirs.url, credential_id=credential_id, **about)
        session.add(link)
        await session.flush()
        await log.append(
            session, "tracker.linked", actor=actor, project_id=project_id, link_id=link.id, **about, **made(**about)
        )
    elif link.credential_id != credential_id:
        told = changed(credential_id=(link.credential_id, credential_id))
        await log.append(
            session, "tracker.linked", actor=actor, project_id=project_id, link_id=link.id, **about, **told
        )
    link.credential_id, link.name, link.url = credential_id, theirs.name, theirs.url
    await session.flush()
    return link


async def find_link(session: AsyncSession, link_id: int) -> TrackerProject:
    link = await session.get(TrackerProject, link_id)
    if link is None:
        raise NotFound(f"There is no link {link_id}.", "Make one with POST /integrations/project-mapping.")
    return link


async def untie(session: AsyncSession, link_id: int, actor: str) -> None:
    """What was imported stays, and forgets where it came from."""
    link = await find_link(session, link_id)
    about = {"provider": link.provider, "external_id": link.external_id, "name": link.name}
    await session.execute(sa.delete(TrackerTask).where(TrackerTask.link_id == link_id))
    await session.delete(link)
    await log.append(
        session, "tracker.unlinked", actor=actor, project_id=link.project_id, link_id=link_id, **about, **gone(**about)
    )
