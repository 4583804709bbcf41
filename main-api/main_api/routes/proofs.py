"""Proofs over HTTP. Their bytes are never shown as a page of the hub's own: they come as attachments."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.paging import Paging, listed, page, sorted_by
from main_api.reads.rows import one, where
from main_api.refusals import ProofGone
from main_api.schemas.run import ProofOut
from services.store.models import Proof

router = APIRouter(prefix="/proofs", tags=["proofs"])
ProofPage = Annotated[Paging, Depends(sorted_by("id", "created_at", "name", "kind", "size", first="-id"))]


@router.get("", summary="List the proofs, newest first", responses=listed(), response_model=list[ProofOut])
async def list_proofs(
    session: ReadSession,
    paging: ProofPage,
    project_id: int | None = None,
    task_id: int | None = None,
    run_id: str | None = None,
    kind: str | None = None,
) -> Sequence[Proof]:
    query = where(sa.select(Proof), Proof, project_id=project_id, task_id=task_id, run_id=run_id, kind=kind)
    return await page(session, query, paging)


@router.get("/{proof_id}", summary="One proof", responses=documented(404), response_model=ProofOut)
async def read_proof(session: ReadSession, proof_id: int) -> Proof:
    return await one(session, Proof, proof_id, "proof")


@router.get(
    "/{proof_id}/download", summary="The bytes of a proof", response_class=FileResponse,
    responses={**documented(404, 410), 200: {"content": {"application/octet-stream": {}}}},
)  # fmt: skip
async def download_proof(hub: Hub, session: ReadSession, proof_id: int) -> FileResponse:
    proof = await one(session, Proof, proof_id, "proof")
    path = hub.proofs.path(proof.sha256)
    if not path.is_file():
        raise ProofGone(f"The file of proof {proof_id} is not in this hub's store.", "Its hash and facts are kept.")
    return FileResponse(
        path,
        media_type="application/octet-stream",  # whatever a run called it: a browser must not render it
        filename=PurePath(proof.name).name or proof.sha256,
        headers={
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{proof.sha256}"',
        },
    )
