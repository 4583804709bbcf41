"""Calls that the owner's other tools made of Ollama: no run, no budget, but in the same book."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.models.ledger import Spent
from services.models.usage_quarters import add_call
from services.store.models import ModelCall
from services.store.types import now


async def note_call(
    session: AsyncSession,
    path: str,
    model: str,
    sha256: str,
    outcome: str,
    status_code: int | None,
    spent: Spent,
    error: str,
) -> int:
    """One row, once the call is over; answers its id. `model` is as Ollama knows it."""
    call = ModelCall(
        request_sha256=sha256,
        provider="ollama",
        protocol="ollama",
        path=path,
        model=f"ollama/{model}",
        outcome=outcome,
        status_code=status_code,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        tokens_cached=spent.tokens_cached,
        estimated=spent.estimated,
        first_byte_ms=spent.first_byte_ms,
        duration_ms=spent.duration_ms,
        tokens_per_second=spent.tokens_per_second,
        error=error,
        finished_at=now(),
        delivered_at=now() if outcome == "answered" else None,
    )
    session.add(call)
    await add_call(session, call)
    return call.id
