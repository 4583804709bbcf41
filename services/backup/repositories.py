"""The hub's mirrors in a backup: branches as the database's snapshot knows them, and checkpoints."""

import asyncio
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from services.backup.archive import Archive, ArchiveWriter, damaged, pieces
from services.backup.facts import Branch, Facts
from services.repos import bundle
from services.repos.depot import Depot
from services.repos.environment import Identity
from services.repos.git import Git
from services.repos.lockfiles import Locks

HEADS = "refs/heads/"
REF = re.compile(r"refs/(heads|remotes/workspace|wfhub|tags)/[^\x00-\x20\x7f~^:?*\[\\]+")
PART = re.compile(r"repos/(\d{1,18})\.(?:bundle|json)")
HOURS = 3600.0
Refs = dict[int, dict[str, str]]


def depot_at(home: Path) -> Depot:
    """git for the mirrors under `home`, with the time that large histories take."""
    identity = Identity("Workflow Hub", "hub@wfhub.localhost")
    return Depot(home, Git(identity, home, seconds=HOURS), Locks(home / "locks"))


def read_refs(home: Path) -> Refs:
    """The refs of every mirror, by project."""
    depot = depot_at(home)

    async def read() -> Refs:
        numbers = [int(path.stem) for path in (home / "repos").glob("*.git") if path.stem.isdecimal()]
        return {number: await bundle.refs(depot, number) for number in sorted(numbers)}

    return asyncio.run(read())


def write(home: Path, archive: ArchiveWriter, stage: Path, facts: Facts, before: Refs) -> tuple[int, list[str]]:
    """Adds `repos/<project>.bundle` and its refs. `before` are the refs from before the database's snapshot.

    Answers how many, and in sentences what the database names and git has not.
    """
    depot, after, notes, count = depot_at(home), read_refs(home), list[str](), 0
    for project in facts.projects:
        number = int(project["id"])
        branches = facts.branches.get(number, {})
        wanted = settled(before.get(number, {}), after.get(number, {}), branches)
        if not wanted:
            continue
        commits = {sha for branch in branches.values() for sha in (branch.base, branch.head) if sha}
        lost = asyncio.run(bundle.missing(depot, number, sorted(commits)))
        notes += [f"{project['key']}: the commit {sha[:12]} that a task names is not in its repository" for sha in lost]
        target = stage / f"{number}.bundle"
        every = sorted({*wanted.values(), *commits} - set(lost))
        asyncio.run(bundle.write_bundle(depot, number, target, every))
        archive.add(f"repos/{number}.bundle", pieces(target))
        archive.add_json(f"repos/{number}.json", wanted)
        target.unlink()
        count += 1
    return count, notes


def settled(before: Mapping[str, str], after: Mapping[str, str], known: Mapping[str, Branch]) -> dict[str, str]:
    """Every ref as it was at the database's snapshot, which lies between `before` and `after`.

    A branch that stands still is as it is. One that moved goes to the commit that the database knew, else back to where
    it stood before: what came later is done again, and found again where it was paid for. One that the database does
    not know was made since, and is left out.
    """
    wanted = {name: sha for name, sha in {**before, **after}.items() if not name.startswith(HEADS)}
    for name in sorted({name for name in {**before, **after} if name.startswith(HEADS)}):
        sha = before.get(name)
        if sha != after.get(name) and (branch := known.get(name.removeprefix(HEADS))):
            sha = branch.head or sha or branch.base
        if sha:
            wanted[name] = sha
    return wanted


def make_workspace(home: Path, project_id: int, path: Path, branch: str) -> bool:
    """The person's repository anew, out of the hub's mirror; False where that never saw the branch."""
    return asyncio.run(bundle.make_workspace(depot_at(home), project_id, path, branch))


def extract(archive: Archive, stage: Path, projects: Collection[dict[str, Any]]) -> int:
    """Makes the mirrors `stage/repos/<project>.git`; answers how many."""
    depot, count = depot_at(stage), 0
    (stage / "repos").mkdir(parents=True, exist_ok=True)
    for project in projects:
        number = int(project["id"])
        if f"repos/{number}.bundle" not in archive.parts:
            continue
        wanted = archive.json(f"repos/{number}.json")
        if not all(REF.fullmatch(name) and re.fullmatch(r"[0-9a-f]{40,64}", sha) for name, sha in wanted.items()):
            raise damaged(f"the refs of project {number} are no refs")
        file = stage / f"{number}.bundle"
        archive.extract(f"repos/{number}.bundle", file)
        asyncio.run(bundle.read_bundle(depot, number, file, wanted))
        file.unlink()
        count += 1
    return count
