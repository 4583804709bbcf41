"""Outside trackers: sign in, tie a project of theirs to one of yours, bring tasks in."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.schemas.integration import (
    AccountOut,
    ImportFault,
    ImportIn,
    ImportNote,
    ImportOut,
    ItemOut,
    MappingIn,
    MappingOut,
    OutsideProjectOut,
    OutsideTasksOut,
    SignedInOut,
    TrackerCredentialIn,
    TrackerCredentialOut,
    TrackerOut,
    TrackerTokenIn,
)
from main_api.schemas.shape import Id
from services.credentials import credentials
from services.store.models import TrackerProject, TrackerProvider
from services.trackers import links
from services.trackers.errors import TrackerNotFound
from services.trackers.importing import look
from services.trackers.imports import Chosen, Import, credential_for
from services.trackers.provider import PROVIDERS

router = APIRouter(prefix="/integrations", tags=["integrations"])
THEIRS = documented(400, 403, 404, 409, 502, 503)
MOST_PROJECTS = 5_000


@router.get("/providers", summary="The trackers there are", responses=documented())
async def list_trackers(session: ReadSession) -> list[TrackerOut]:
    rows = {row.name: row for row in await session.scalars(sa.select(TrackerProvider))}
    return [TrackerOut.model_validate(rows[one.name]) for one in PROVIDERS if one.name in rows]


@router.post("/credentials", status_code=201, summary="Sign in to a tracker", responses=THEIRS)
async def sign_in(hub: Hub, body: TrackerCredentialIn) -> SignedInOut:
    """Nothing is stored of a token that the tracker does not accept."""
    token = body.token.get_secret_value().strip()
    account = await hub.trackers.test(body.provider, token)
    async with hub.db.write() as session:
        number = await credentials.add(session, hub.gateway.ring, body.provider, body.label, token, OWNER)
        rows = await credentials.list_credentials(session, body.provider)
    stored = TrackerCredentialOut.model_validate(next(row for row in rows if row.id == number))
    return SignedInOut(**stored.model_dump(), account_name=account.name, account_email=account.email)


@router.get("/credentials", summary="Where you are signed in", responses=documented())
async def list_sign_ins(session: ReadSession) -> list[TrackerCredentialOut]:
    names = {one.name for one in PROVIDERS}
    rows = await credentials.list_credentials(session)
    return [TrackerCredentialOut.model_validate(row) for row in rows if row.provider in names]


@router.put("/credentials/{credential_id}", summary="Give it another token", responses=THEIRS)
async def replace_token(hub: Hub, credential_id: Id, body: TrackerTokenIn) -> SignedInOut:
    """What depends on it goes on with the new one. A token that is refused changes nothing."""
    token = body.token.get_secret_value().strip()
    async with hub.db.read() as session:
        provider = (await links.credential_of(session, credential_id)).provider
    account = await hub.trackers.test(provider, token)
    async with hub.db.write() as session:
        await credentials.replace(session, hub.gateway.ring, credential_id, token, OWNER)
        rows = await credentials.list_credentials(session, provider)
    stored = TrackerCredentialOut.model_validate(next(row for row in rows if row.id == credential_id))
    return SignedInOut(**stored.model_dump(), account_name=account.name, account_email=account.email)


@router.post("/credentials/{credential_id}/test", summary="Whether its token still holds", responses=THEIRS)
async def test_token(hub: Hub, credential_id: Id) -> AccountOut:
    async with hub.trackers.with_stored(credential_id) as tracker:
        account = await tracker.whoami()
    return AccountOut(name=account.name, email=account.email)


@router.delete("/credentials/{credential_id}", status_code=204, summary="Sign out", responses=documented(404, 409))
async def sign_out(session: WriteSession, credential_id: Id, force: bool = False) -> None:
    """What was imported stays. The answer 409 lists the projects that bring tasks in with it; `force` deletes it."""
    await links.revoke(session, credential_id, force, OWNER)


@router.get("/credentials/{credential_id}/projects", summary="Their projects", responses=THEIRS)
async def list_outside_projects(hub: Hub, credential_id: Id) -> list[OutsideProjectOut]:
    """Up to 5,000, in the tracker's order."""
    found: list[OutsideProjectOut] = []
    async with hub.trackers.with_stored(credential_id) as tracker:
        async for project in tracker.projects():
            found.append(OutsideProjectOut.model_validate(project))
            if len(found) == MOST_PROJECTS:
                break
    return found


@router.post("/project-mapping", status_code=201, summary="Tie their project to yours", responses=THEIRS)
async def tie_project(hub: Hub, body: MappingIn) -> MappingOut:
    """The same one again answers the link there is, with this credential from now on."""
    async with hub.trackers.with_stored(body.credential_id) as tracker:
        theirs = None
        async for project in tracker.projects():
            if project.id == body.external_id:
                theirs = project
                break
    if theirs is None:
        raise TrackerNotFound(
            f"You see no project {body.external_id} there.",
            f"List them with GET /integrations/credentials/{body.credential_id}/projects.",
        )
    async with hub.db.write() as session:
        link = await links.tie(session, body.credential_id, theirs, body.project_id, OWNER)
        return MappingOut.model_validate(link)


@router.get("/project-mapping", summary="Which projects are tied", responses=documented())
async def list_ties(session: ReadSession, project_id: Id | None = None) -> list[MappingOut]:
    query = sa.select(TrackerProject).order_by(TrackerProject.id)
    if project_id is not None:
        query = query.where(TrackerProject.project_id == project_id)
    return [MappingOut.model_validate(row) for row in await session.scalars(query)]


@router.delete("/project-mapping/{mapping_id}", status_code=204, summary="Untie", responses=documented(404))
async def untie_project(session: WriteSession, mapping_id: Id) -> None:
    """What was imported stays, and forgets where it came from."""
    await links.untie(session, mapping_id, OWNER)


@router.get("/{mapping_id}/tasks", summary="Their tasks, and what an import would do with each", responses=THEIRS)
async def list_outside_tasks(
    hub: Hub,
    mapping_id: Id,
    after: Annotated[str | None, Query(min_length=1, max_length=2_000, description="`next` of the last page")] = None,
    most: Annotated[int, Query(ge=1, le=100)] = 50,
) -> OutsideTasksOut:
    """Those of the project itself; subtasks come along with the import."""
    async with hub.db.read() as session:
        link = await links.find_link(session, mapping_id)
    async with hub.trackers.with_stored(credential_for(link)) as tracker:
        page = await tracker.tasks(link.external_id, after, most)
    async with hub.db.read() as session:
        items = await look(session, link, page.rows)
    return OutsideTasksOut(tasks=[ItemOut.model_validate(item) for item in items], next=page.next)


@router.post("/import", status_code=202, summary="Bring tasks in", responses=THEIRS)
async def begin_import(hub: Hub, body: ImportIn) -> ImportOut:
    """Again, it updates what nobody changed here, and says what differs. Follow it with `GET`."""
    chosen = Chosen(tuple(body.tasks), body.subtasks, body.comments, body.files)
    if body.preview:
        items = await hub.imports.preview(body.mapping_id, chosen)
        return ImportOut(
            id=None, mapping_id=body.mapping_id, state="preview", total=len(items),
            items=[ItemOut.model_validate(item) for item in items], comments=0, files=0, notes=[], fault=None,
            began_at=None, finished_at=None,
        )  # fmt: skip
    return _told(await hub.imports.begin(body.mapping_id, chosen, OWNER))


@router.get("/imports", summary="Imports since the hub was started", responses=documented())
async def list_imports(hub: Hub, mapping_id: Id | None = None) -> list[ImportOut]:
    """The newest first. Those under way, and the last twenty that are over."""
    return [_told(one) for one in hub.imports.known(mapping_id)]


@router.get("/imports/{import_id}", summary="How an import goes", responses=documented(404))
async def read_import(hub: Hub, import_id: Id) -> ImportOut:
    return _told(hub.imports.get(import_id))


@router.post("/imports/{import_id}/cancel", summary="Stop an import", responses=documented(404, 409))
async def cancel_import(hub: Hub, import_id: Id) -> ImportOut:
    """What came so far stays; the same import again brings the rest."""
    return _told(await hub.imports.cancel(import_id, OWNER))


def _told(one: Import) -> ImportOut:
    fault = one.fault and ImportFault(code=one.fault.code, sentence=one.fault.sentence, way_out=one.fault.way_out)
    return ImportOut(
        id=one.id, mapping_id=one.link_id, state=one.state, total=one.total,
        items=[ItemOut.model_validate(item) for item in one.items], comments=one.comments, files=one.files,
        notes=[ImportNote(external_id=task, sentence=sentence) for task, sentence in one.notes], fault=fault,
        began_at=one.began_at, finished_at=one.finished_at,
    )  # fmt: skip
