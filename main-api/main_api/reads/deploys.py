"""Deploys as they are shown: with whether they wait for a word, their grants in words, and their log's end."""

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.schemas.deploy import DeployDetail, DeployOut
from services.deploys.decide import waiting_deploys
from services.deploys.grants import in_words
from services.deploys.queue import log_of, seconds
from services.deploys.settings import DeploySettings
from services.proofs.files import ProofStore
from services.store.models import Deploy

LOG_END_CHARACTERS = 10_000
_OWN = {"waits", "seconds", "granted", "log_end", "log_proof_id", "can_send_back"}


async def shown(session: AsyncSession, rows: list[Deploy]) -> list[DeployOut]:
    waiting = {row.id for row, _ in await waiting_deploys(session)}
    return [DeployOut(**_fields(row, row.id in waiting)) for row in rows]


async def detail(session: AsyncSession, row: Deploy, proofs: ProofStore) -> DeployDetail:
    waiting = {one.id for one, _ in await waiting_deploys(session)}
    proof = await log_of(session, row.run_id)
    text = await asyncio.to_thread(proofs.get, proof.sha256) if proof is not None else None
    return DeployDetail(
        **_fields(row, row.id in waiting),
        command=row.command,
        granted=in_words(DeploySettings.model_validate(row.grants)),
        log_end=text.decode("utf-8", "replace")[-LOG_END_CHARACTERS:] if text is not None else None,
        log_proof_id=proof.id if proof is not None else None,
        can_send_back=row.task_id is not None,
    )


def _fields(row: Deploy, waits: bool) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in DeployOut.model_fields if name not in _OWN}
    return {**own, "waits": waits, "seconds": seconds(row.started_at, row.finished_at)}
