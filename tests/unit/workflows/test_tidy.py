"""Housekeeping that fails ends nothing else."""

from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from services.workflows import tidy

NOBODY = cast("Any", None)


async def test_a_fault_in_it_is_not_the_orchestrators_end(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    async def broken(_: Any) -> dict[str, int]:
        tried.append(1)
        raise ValueError("a name of a form that nobody thought of")

    monkeypatch.setattr(tidy, "tidy", broken)
    monkeypatch.setattr(tidy, "EVERY_SECONDS", 0.0)
    often = tidy.Tidy()
    await often.now_and_then(NOBODY)
    await often.now_and_then(NOBODY)
    assert len(tried) == 2


async def test_a_database_that_is_away_is_the_sweeps_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_: Any) -> dict[str, int]:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(tidy, "tidy", away)
    monkeypatch.setattr(tidy, "EVERY_SECONDS", 0.0)
    with pytest.raises(OperationalError):
        await tidy.Tidy().now_and_then(NOBODY)
