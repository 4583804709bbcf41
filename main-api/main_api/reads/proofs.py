"""Proofs as they are shown: with whether their files still are what they were, and where they came from."""

import asyncio
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.refusals import ProofGone, ProofTampered
from main_api.schemas.proof import ProofHistoryOut, ProofOut
from services.proofs.files import ProofStore
from services.store.models import Criterion, Proof, Run, Task

SMALL = 256_000  # bytes of a file that a list reads
MOST_READ = 8_000_000  # bytes that one list reads


async def shown(store: ProofStore, rows: Sequence[Proof]) -> list[ProofOut]:
    """In a list: small files are read, of large ones only size and what is remembered is looked at."""
    return await asyncio.to_thread(_shown, store, rows)


def _shown(store: ProofStore, rows: Sequence[Proof]) -> list[ProofOut]:
    left, found = MOST_READ, []
    for row in rows:
        verdict: str | None = store.known(row.sha256, row.size)
        if verdict is None and row.size <= min(SMALL, left):
            verdict, left = store.check(row.sha256), left - row.size
        found.append(ProofOut.model_validate(row).model_copy(update={"integrity": verdict or "unchecked"}))
    return found


async def shown_one(store: ProofStore, row: Proof) -> ProofOut:
    """Its file is read, however large."""
    verdict = await asyncio.to_thread(store.check, row.sha256)
    return ProofOut.model_validate(row).model_copy(update={"integrity": verdict})


async def verified(store: ProofStore, row: Proof) -> None:
    """Raises ProofTampered or ProofGone: what is sent is what was proven, or nothing is."""
    verdict = await asyncio.to_thread(store.check, row.sha256)
    if verdict == "missing":
        raise ProofGone(f"The file of proof {row.id} is not in this hub's store.", "Its hash and facts are kept.")
    if verdict == "tampered":
        raise ProofTampered(
            f"The file of proof {row.id} was changed after its hash was taken: it proves nothing any more.",
            "Run the stage again for a new one. The file is left as it is, for you to look at.",
            sha256=row.sha256,
        )


async def history(session: AsyncSession, store: ProofStore, rows: Sequence[Proof]) -> list[ProofHistoryOut]:
    """Four queries, whatever the number of proofs."""
    tasks = await _by_id(session, Task, {row.task_id for row in rows}, Task.key, Task.title)
    runs = await _by_id(session, Run, {row.run_id for row in rows}, Run.round, Run.attempt, Run.state)
    newest = await _newest(session, {row.task_id for row in rows if row.task_id is not None})
    rest: dict[int | None, list[int]] = {}
    query = sa.select(Criterion.proof_id, Criterion.id).where(Criterion.proof_id.in_([row.id for row in rows]))
    for proof_id, criterion_id in (await session.execute(query.order_by(Criterion.id))).all():
        rest.setdefault(proof_id, []).append(criterion_id)
    found = []
    for row, out in zip(rows, await shown(store, rows), strict=True):
        key, title = tasks.get(row.task_id, (None, None))
        number, attempt, state = runs.get(row.run_id, (None, None, None))
        more = {"task_key": key, "task_title": title, "round": number, "attempt": attempt, "run_state": state}
        newest_of = row.task_id is None or row.id in newest
        found.append(ProofHistoryOut(**out.model_dump(), **more, newest=newest_of, criteria=rest.get(row.id, [])))
    return found


async def _by_id(
    session: AsyncSession, model: type[Task] | type[Run], ids: set[Any], *columns: Any
) -> dict[Any, Sequence[Any]]:
    query = sa.select(model.id, *columns).where(model.id.in_([key for key in ids if key is not None]))
    return {row[0]: tuple(row[1:]) for row in await session.execute(query)}


async def _newest(session: AsyncSession, task_ids: set[int]) -> set[int]:
    query = sa.select(sa.func.max(Proof.id)).where(Proof.task_id.in_(task_ids))
    return set(await session.scalars(query.group_by(Proof.task_id, Proof.step, Proof.kind, Proof.name)))
