"""A boot that takes longer to start than the time to live, and the one that sweeps its row up, at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.agents.fake import FakeAgent
from services.contract.run_result import RunResult
from services.store.models import Worker
from services.store.types import now
from services.workflows import engine, takeover
from services.workflows.bench import Bench
from tests.takeover.conftest import PATIENCE
from tests.workflows.conftest import make_bench

pytestmark = pytest.mark.postgres
WAITS = sa.text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
LONG_AGO = timedelta(hours=1)


async def idle(*_: Any) -> RunResult:
    raise AssertionError("nothing is to be run here")


@pytest_asyncio.fixture
async def slow(postgres_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """It has begun its start so long ago that others count it as dead."""
    bench = make_bench(postgres_url, tmp_path / "slow", FakeAgent(idle), owner="slow")
    await takeover.enlist(bench)
    async with bench.db.write() as session:
        await session.execute(sa.update(Worker).values(seen_at=now() - LONG_AGO))
    yield bench
    await bench.db.close()


@asynccontextmanager
async def meets(other: Bench, work: Awaitable[Any]) -> AsyncIterator[AsyncSession]:
    """A transaction of `other` that is committed once `work` waits for what it holds; then `work` ends."""
    async with other.db.write() as session:
        yield session
        waiting = asyncio.ensure_future(work)
        async with asyncio.timeout(PATIENCE):
            while not await looked(other):
                assert not waiting.done(), "it does not wait"
                await asyncio.sleep(0.01)
    await waiting


async def looked(bench: Bench) -> bool:
    async with bench.db.read() as session:
        return bool(await session.scalar(WAITS))


async def workers(bench: Bench) -> list[str]:
    async with bench.db.read() as session:
        return list(await session.scalars(sa.select(Worker.id).order_by(Worker.id)))


async def test_it_is_swept_up_just_as_it_says_that_it_is_ready(slow: Bench, postgres_url: str, tmp_path: Path) -> None:
    other = make_bench(postgres_url, tmp_path / "other", FakeAgent(idle), owner="other")
    async with meets(other, takeover.enlist(slow)) as session:
        await session.execute(sa.delete(Worker).where(Worker.id == "slow"))
    assert await workers(other) == ["slow"]
    await other.db.close()


async def test_it_says_that_it_is_ready_just_as_it_is_swept_up(
    slow: Bench, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "pending_owners", set[str])
    monkeypatch.setattr(engine, "recover", lambda _: [])
    other = make_bench(postgres_url, tmp_path / "other", FakeAgent(idle), owner="other")
    await takeover.enlist(other)
    async with meets(slow, takeover.take_over(other, alone=False)) as session:
        await session.execute(
            sa.update(Worker).where(Worker.id == "slow").values(seen_at=await takeover.clock(session))
        )
    assert await workers(other) == ["other", "slow"], "it is alive"
    await other.db.close()
