"""A mirror that has grown is packed: it gets smaller, and nothing that counts is lost."""

import asyncio
import hashlib
import os
import time
from pathlib import Path

import pytest

from services.repos.repos import Repos
from services.repos.upkeep import SAMPLE, Upkeep, has_grown
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person

DAY = 86_400
AT_ONCE = Upkeep(loose=1, packs=0, keep_seconds=30 * DAY)


def size(mirror: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in (mirror / "objects").rglob("*") if file.is_file())


def age(mirror: Path, sha: str, days: float) -> None:
    at = time.time() - days * DAY
    os.utime(mirror / "objects" / sha[:2] / sha[2:], (at, at))


def sampled() -> str:
    """A text whose blob lies in the folder that the number of objects is estimated by."""
    texts = (f"{number}\n" for number in range(100_000))
    return next(text for text in texts if blob(text).startswith(SAMPLE))


def blob(text: str) -> str:
    return hashlib.sha1(f"blob {len(text)}\0{text}".encode(), usedforsecurity=False).hexdigest()


async def test_all_that_is_pointed_at_stays_and_what_is_dropped_stays_its_days(repos: Repos, tree: Worktree) -> None:
    mirror = Person(repos.mirror(1))
    for number in range(40):  # as runs leave it: a checkpoint each, and loose objects
        await repos.checkpoint(tree, f"run-{number}")
        (tree.path / f"folder{number % 7}").mkdir(exist_ok=True)
        (tree.path / f"folder{number % 7}" / f"{number}.txt").write_text(f"{number}\n" * 500)
        await repos.commit_all(tree, f"Work {number}", TRAILERS)
    (tree.path / "sampled.txt").write_text(sampled())
    await repos.commit_all(tree, "One in the sample", TRAILERS)
    dropped = await repos.head(1, tree.branch)
    await repos.keep_tip(1, "POC-1", dropped, "rolled-back")
    (tree.path / "half.txt").write_text("half a thought\n")
    await repos.restore(tree, tree.head, "run-0")  # kept under refs/wfhub/lost
    (tree.path / "staged.txt").write_text("in the index alone\n")
    staged = mirror.git("-C", str(tree.path), "hash-object", "-w", "staged.txt")
    mirror.git("-C", str(tree.path), "add", "staged.txt")
    young = mirror.git("commit-tree", "-m", "Young", mirror.git("rev-parse", f"{tree.head}^{{tree}}"))
    old = mirror.git("commit-tree", "-m", "Old", mirror.git("rev-parse", f"{tree.head}^{{tree}}"))
    for sha, days in ((young, 29.0), (old, 31.0), (dropped, 400.0)):
        age(mirror.path, sha, days)
    there = {line.split()[0] for line in mirror.git("rev-list", "--objects", "--all").splitlines()}
    refs, before = mirror.git("for-each-ref"), size(mirror.path)

    assert await repos.keep_small(1, AT_ONCE)

    left = set(mirror.git("cat-file", "--batch-check=%(objectname)", "--batch-all-objects").split())
    assert there | {staged, young, dropped} <= left, "what a ref, an index or its age holds"
    assert old not in left, "and nothing else is held: without its ref the dropped one would have gone, too"
    assert mirror.git("for-each-ref") == refs and not (mirror.path / "packed-refs").exists()
    mirror.git("fsck", "--strict", "--connectivity-only")
    assert size(mirror.path) < before / 3, (before, size(mirror.path))
    assert not has_grown(mirror.path, AT_ONCE) and not await repos.keep_small(1, AT_ONCE)
    assert (mirror.path / "objects" / "info" / "commit-graph").exists()
    assert await repos.head(1, tree.branch) == tree.head
    assert (await repos.diff(1, tree.head, dropped)).files, "and it is worked with as before"


async def test_it_waits_for_a_merge_that_is_under_way(repos: Repos, tree: Worktree) -> None:
    (tree.path / "sampled.txt").write_text(sampled())
    await repos.commit_all(tree, "Work", TRAILERS)
    assert not has_grown(repos.mirror(1), Upkeep(loose=0, packs=0)), "switched off"
    packs = repos.mirror(1) / "objects" / "pack"
    async with repos.depot.locks.hold("1"):  # as a merge holds it
        packing = asyncio.create_task(repos.keep_small(1, AT_ONCE))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(packing), 0.3)
        assert not list(packs.glob("*.pack"))
    assert await packing and list(packs.glob("*.pack"))
