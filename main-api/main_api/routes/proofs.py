"""Proofs over HTTP. Their bytes are checked before they are sent, and never shown as a page of the hub's own."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from main_api.deps import OWNER, Hub, ReadSession
from main_api.downloads import SAFE, send, sent
from main_api.errors import documented
from main_api.reads.paging import MAX_LIMIT, Paging, listed, page, sorted_by
from main_api.reads.proofs import history, shown, shown_one, verified
from main_api.reads.rows import one, where
from main_api.schemas.attachment import form
from main_api.schemas.proof import ProofFields, ProofHistoryOut, ProofOut, ProofPreview, ReportOut
from main_api.schemas.shape import Id, Word
from main_api.uploads import receive
from services.domain.errors import NotFound
from services.domain.proof_kinds import REPORT, ProofKind
from services.files.names import PICTURES, is_text, media_type
from services.files.thumbnails import Edge
from services.projects.edit import get_project
from services.proofs.bring import bring_proof, find_task
from services.store.models import Proof, Task

router = APIRouter(tags=["proofs"])
SORTS = ("id", "created_at", "name", "kind", "size")
ProofPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="-id"))]
TaskProofPage = Annotated[Paging, Depends(sorted_by(*SORTS, first="id", limit=MAX_LIMIT))]
PREVIEW_BYTES = 64_000


@router.get("/proofs", summary="List the proofs, newest first", responses=listed(), response_model=list[ProofOut])
async def list_proofs(
    hub: Hub,
    session: ReadSession,
    paging: ProofPage,
    project_id: Id | None = None,
    task_id: Id | None = None,
    run_id: Word | None = None,
    stage: Word | None = None,
    kind: ProofKind | None = None,
) -> list[ProofOut]:
    query = where(
        sa.select(Proof), Proof, project_id=project_id, task_id=task_id, run_id=run_id, stage=stage, kind=kind
    )
    return await shown(hub.proofs, await page(session, query, paging))


@router.get(
    "/tasks/{task_id}/proofs", summary="The evidence, oldest first", responses=listed(404),
    response_model=list[ProofOut],
)  # fmt: skip
async def list_task_proofs(hub: Hub, session: ReadSession, paging: TaskProofPage, task_id: Id) -> list[ProofOut]:
    await one(session, Task, task_id, "task", ever=True)
    return await shown(hub.proofs, await page(session, sa.select(Proof).where(Proof.task_id == task_id), paging))


@router.get("/tasks/{task_id}/report", summary="The report that a task ended in", responses=documented(404, 409, 410))
async def read_report(hub: Hub, task_id: Id) -> ReportOut:
    """The newest, whole, as Markdown: of a research task. 404 as long as there is none."""
    async with hub.db.read() as session:
        task = await one(session, Task, task_id, "task", ever=True)
        query = sa.select(Proof).where(Proof.task_id == task.id, Proof.kind == "report", Proof.name == REPORT)
        proof = await session.scalar(query.order_by(Proof.id.desc()).limit(1))
    if proof is None:
        raise NotFound(f"{task.key} has no report yet.", "A research task leaves one when its run has passed.")
    await verified(hub.proofs, proof)
    text = (await asyncio.to_thread(hub.proofs.get, proof.sha256)).decode("utf-8", "replace")
    return ReportOut(markdown=text, proof_id=proof.id, run_id=proof.run_id, at=proof.created_at)


@router.post(
    "/tasks/{task_id}/proofs", status_code=201, summary="Bring evidence", responses=documented(400, 404, 413, 507),
    response_model=ProofOut, openapi_extra=form(ProofFields, {"file": "run.log", "kind": "log", "note": "By hand"}),
)  # fmt: skip
async def post_proof(hub: Hub, request: Request, task_id: Id) -> ProofOut:
    """Streamed to the disk, up to ATTACHMENT_MAX_BYTES. It is shown and told to agents; it opens no gate by itself."""
    async with hub.db.read() as session:
        await find_task(session, task_id)
    async with receive(request, hub.proofs, hub.settings.attachment_max_bytes) as upload:
        fields = upload.read(ProofFields)
        async with hub.proofs.settling, hub.db.write() as session:
            row = await bring_proof(
                session, task_id, name=upload.name, media_type=upload.media_type, sha256=upload.file.sha256,
                size=upload.file.size, head=upload.file.head, actor=OWNER, **fields.model_dump(),
            )  # fmt: skip
            await upload.file.keep()
    return await shown_one(hub.proofs, row)


@router.get(
    "/tasks/{task_id}/proof-history", summary="The evidence of a task over time, newest first", responses=listed(404),
    response_model=list[ProofHistoryOut],
)  # fmt: skip
async def read_task_history(hub: Hub, session: ReadSession, paging: ProofPage, task_id: Id) -> list[ProofHistoryOut]:
    """With the round and run each came from, and which is the newest of its kind."""
    await one(session, Task, task_id, "task", ever=True)
    return await _history(hub, session, paging, sa.select(Proof).where(Proof.task_id == task_id))


@router.get(
    "/projects/{project_id}/proof-history", summary="The evidence of a project over time, newest first",
    responses=listed(404), response_model=list[ProofHistoryOut],
)  # fmt: skip
async def read_project_history(
    hub: Hub,
    session: ReadSession,
    paging: ProofPage,
    project_id: Id,
    kind: ProofKind | None = None,
    stage: Word | None = None,
) -> list[ProofHistoryOut]:
    await get_project(session, project_id)
    query = where(sa.select(Proof), Proof, project_id=project_id, kind=kind, stage=stage)
    return await _history(hub, session, paging, query)


async def _history(hub: Hub, session: ReadSession, paging: Paging, query: sa.Select[Proof]) -> list[ProofHistoryOut]:
    rows: Sequence[Proof] = await page(session, query, paging)
    return await history(session, hub.proofs, rows)


@router.get("/proofs/{proof_id}", summary="One proof, its file checked", responses=documented(404))
async def read_proof(hub: Hub, proof_id: Id) -> ProofOut:
    return await shown_one(hub.proofs, await _proof(hub, proof_id))


@router.get("/proofs/{proof_id}/preview", summary="How a proof begins", responses=documented(404, 409, 410))
async def read_preview(hub: Hub, proof_id: Id) -> ProofPreview:
    """Text as text, for a picture the address of its thumbnail, nothing for the rest."""
    proof = await _proof(hub, proof_id)
    await verified(hub.proofs, proof)
    head = await asyncio.to_thread(_head, hub, proof)
    if media_type(head, "", "") in PICTURES:
        address = f"/proofs/{proof.id}/thumbnail"
        return ProofPreview(form="picture", text=None, thumbnail=address, truncated=False, size=proof.size)
    text = head.decode("utf-8", "ignore") if is_text(head) else None
    return ProofPreview(
        form="none" if text is None else "text", text=text, thumbnail=None, truncated=proof.size > len(head),
        size=proof.size,
    )  # fmt: skip


@router.get(
    "/proofs/{proof_id}/download", summary="The bytes of a proof", response_class=FileResponse,
    responses=sent(404, 409, 410),
)  # fmt: skip
async def download_proof(hub: Hub, request: Request, proof_id: Id) -> Response:
    """As an attachment, in ranges if you like. A file that is not what it was is refused: 409 `proof_tampered`."""
    proof = await _proof(hub, proof_id)
    await verified(hub.proofs, proof)
    return send(request, hub.proofs.path(proof.sha256), name=proof.name, sha256=proof.sha256, at=proof.created_at)


@router.get(
    "/proofs/{proof_id}/thumbnail", summary="A screenshot made small", response_class=FileResponse,
    responses=sent(404, 409, 410, media_type="image/png", ranges=False),
)  # fmt: skip
async def read_proof_thumbnail(hub: Hub, proof_id: Id, size: Edge = Edge.CARD) -> Response:
    """A PNG whose longer edge has at most `size` pixels. 404 `thumbnail_refused` where the file is no picture."""
    proof = await _proof(hub, proof_id)
    await verified(hub.proofs, proof)
    made = await hub.thumbnails.of(hub.proofs.path(proof.sha256), proof.sha256, size)
    return FileResponse(made, media_type="image/png", headers=SAFE)


async def _proof(hub: Hub, proof_id: int) -> Proof:
    async with hub.db.read() as session:  # closed before the file is read
        return await one(session, Proof, proof_id, "proof")


def _head(hub: Hub, proof: Proof) -> bytes:
    with hub.proofs.path(proof.sha256).open("rb") as file:
        return file.read(PREVIEW_BYTES)
