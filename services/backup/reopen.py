"""The worktrees of runs that go on: a run that was prepared expects its own to be there."""

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.backup.facts import LIVE
from services.backup.repositories import depot_at
from services.domain.errors import HubError
from services.repos.worktree import base_worktree, open_worktree


@dataclass(frozen=True)
class Place:
    """Where a live run works; `bases` are the commits whose checkouts it reads."""

    project_id: int
    task_key: str
    branch: str
    base: str
    bases: frozenset[str]


def live_places(connection: sa.Connection) -> list[Place]:
    """Of the runs that were prepared and are not over."""
    query = sa.text(
        "SELECT r.project_id, t.key, r.details FROM runs r JOIN tasks t ON t.id = r.task_id WHERE r.state IN :live"
    ).bindparams(sa.bindparam("live", LIVE, expanding=True))
    found: list[Place] = []
    for project_id, key, details in connection.execute(query).all():
        known: dict[str, Any] = json.loads(details) if isinstance(details, str) else details
        place = known.get("place") or {}
        if place.get("branch") and place.get("base_sha"):
            shas = {sha for sha in (place["base_sha"], place.get("checkpoint")) if sha}
            # A stage behind the merge reads the merged target, a scan and a test the base it compares with.
            read = set(re.findall(r"/base-([0-9a-f]{12})", json.dumps(place)))
            bases = frozenset(sha for sha in shas if sha[:12] in read or sha == place["base_sha"])
            found.append(Place(project_id, key, place["branch"], place["base_sha"], bases))
    return found


def reopen(home: Path, places: list[Place]) -> list[str]:
    """Checks all of them out; answers a sentence for each that could not be."""
    depot, notes = depot_at(home), list[str]()

    async def each(place: Place) -> None:
        await open_worktree(depot, place.project_id, place.task_key, place.branch, place.base)
        for sha in place.bases:
            await base_worktree(depot, place.project_id, sha)

    for place in places:
        try:
            asyncio.run(each(place))
        except (HubError, OSError) as error:  # the hub is brought back by now, so that a full disk undoes nothing
            why = error.sentence if isinstance(error, HubError) else f"{error.strerror or error}."
            notes.append(f"The worktree of {place.task_key} could not be made: {why}")
    return notes
