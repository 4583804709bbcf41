"""A clock that jumps makes the others' beats look old, or new: a worker sees that, and gives them time."""

from datetime import UTC, datetime, timedelta

import pytest

from services.workflows import fence as fences
from services.workflows.fence import Fence

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_an_hour(jump: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [100.0]
    monkeypatch.setattr(fences, "elapsed", lambda: passed[0])
    fence = Fence("me", ttl_seconds=15, alone=False)
    fence.beaten(passed[0])
    fence.told(NOON)
    passed[0] += 5
    fence.told(NOON + timedelta(seconds=5.2))
    assert fence.steady(0)
    passed[0] += 2
    fence.told(NOON + timedelta(seconds=7) + jump)
    assert not fence.steady(0), "the others have had no time to beat by the new clock"
    fence.check()  # this worker itself goes on: it counts by a clock that does not jump
    fence.beaten(passed[0])
    passed[0] += 4
    fence.told(NOON + timedelta(seconds=11) + jump)
    assert fence.steady(4) and not fence.steady(5)
