"""A point is silent unless it was asked to report, and holds exactly one process."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import points
from services.points import Point, reached


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    points.report_to(tmp_path)
    yield tmp_path
    points.report_to(None)


async def test_off_it_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "hold-job.known").touch()
    async with asyncio.timeout(20):
        await reached(Point.JOB_KNOWN)
    assert os.listdir(tmp_path) == ["hold-job.known"]  # noqa: PTH208


@pytest.mark.parametrize("name", ["hold-job.known", "hold-job.known@0-edit"])
async def test_the_first_that_comes_waits_until_it_is_let_go(folder: Path, name: str) -> None:
    (folder / name).touch()
    first = asyncio.create_task(reached(Point.JOB_KNOWN, "0-edit"))
    held = folder / f"held-{os.getpid()}"
    while not held.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    async with asyncio.timeout(20):
        await reached(Point.JOB_WANTED, "0-edit")
    assert not first.done()
    held.unlink()
    async with asyncio.timeout(20):
        await first
        await reached(Point.JOB_KNOWN, "0-edit")
    told = (folder / "reached").read_text().splitlines()
    assert told == [f"{name} 0-edit {os.getpid()}" for name in ("job.known", "job.wanted", "job.known")]


async def test_another_place_is_no_reason_to_wait(folder: Path) -> None:
    (folder / "hold-job.known@2-tests").touch()
    async with asyncio.timeout(20):
        await reached(Point.JOB_KNOWN, "0-edit")
