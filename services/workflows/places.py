"""Whether the place that an agent names for a criterion is there: a line of the branch's diff, or of a proof."""

import asyncio
import re
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from services.store.models import Proof, Run, Task
from services.store.plain import Statement
from services.workflows.bench import bench

PATCH_BYTES = 4_000_000
PROOF_BYTES = 20_000_000
_PLACE = re.compile(r"^(?:a/|b/)?(?P<path>[^:\n]+?)(?::(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?)?$")
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))?")
_PROOFS = Statement(
    sa.select(Proof.id, Proof.name, Proof.sha256, Proof.size)
    .where(Proof.task_id == sa.bindparam("task"), Proof.media_type.not_like("image/%"))
    .order_by(Proof.id.desc())
)
Found = dict[str, int | None]


async def places_there(run: Run, task: Task, places: Collection[str]) -> Found:
    """Those that exist: a line that the diff shows (of the new text; a deleted file has none), or one of a proof of the
    task, with that proof's id."""
    asked = {place: parts for place in places if (parts := _parts(place)) is not None}
    if not asked:
        return {}
    found: Found = {}
    if task.branch is not None and run.base_sha is not None:
        diff = await bench().repos.diff(run.project_id, run.base_sha, task.branch, PATCH_BYTES)
        shown = await asyncio.to_thread(lines_of, diff.patch)
        gone = {file.path for file in diff.files if file.status == "deleted"}
        for place, (path, first, last) in asked.items():
            spans = shown.get(path, [])
            inside = first is not None and any(start <= first and last <= end for start, end in spans)
            if inside or (first is None and path in gone):
                found[place] = None
    for place, parts in asked.items():
        if place not in found and (proof := await _in_proof(task, *parts)) is not None:
            found[place] = proof
    return found


def lines_of(patch: str) -> dict[str, list[tuple[int, int]]]:
    """Of each path the first and last line of its hunks, in the new text."""
    found: dict[str, list[tuple[int, int]]] = {}
    path, in_head = "", True
    for text in patch.split("\n"):
        if text.startswith("diff --git "):
            in_head = True
        elif in_head and text.startswith("+++ "):
            path = text[4:].strip().strip('"').removeprefix("b/")
        elif hunk := _HUNK.match(text):
            in_head, first, count = False, int(hunk[1]), int(hunk[2] or 1)
            if count:
                found.setdefault(path, []).append((first, first + count - 1))
    return found


def _parts(place: str) -> tuple[str, int | None, int] | None:
    match = _PLACE.match(place.strip())
    if match is None:
        return None
    first = int(match["first"]) if match["first"] else None
    return match["path"], first, int(match["last"] or first or 0)


async def _in_proof(task: Task, name: str, first: int | None, last: int) -> int | None:
    if first is None:
        return None
    for proof_id, known, sha256, size in await bench().db.look(_PROOFS, {"task": task.id}):
        if known == name and size <= PROOF_BYTES:
            return proof_id if await asyncio.to_thread(_has_line, sha256, first, last) else None
    return None


def _has_line(sha256: str, first: int, last: int) -> bool:
    return 1 <= first <= last <= sum(1 for _ in _lines(sha256))


def _lines(sha256: str) -> Iterator[bytes]:
    with bench().proofs.path(sha256).open("rb") as file:
        yield from file
