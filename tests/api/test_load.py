"""The load benchmark, short: no error, and each WebSocket has every event once and in order."""

from pathlib import Path

from benchmarks.board import running
from benchmarks.load import Plan, load


async def test_many_clients_at_once(database_url: str, tmp_path: Path) -> None:
    plan = Plan(clients=40, sockets=12, seconds=2.5, pause=0.15)
    with running(database_url, tmp_path) as hub:
        result = await load(hub, database_url, tmp_path, plan)
    assert result.score.errors == []
    assert result.lost == []
    assert result.requests > 50 and result.events > 20 and result.delivered > result.events * 8
