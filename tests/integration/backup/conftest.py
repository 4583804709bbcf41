"""A small hub on disk: rows, files and a mirror, without processes."""

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.backup.place import HubPlace
from services.files.store import FileStore
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.store.database import Database
from services.workflows.migrate import upgrade as upgrade_engine
from tests.support.factories import make_project, make_proof, make_run, make_task


@dataclass(frozen=True)
class SmallHub:
    place: HubPlace
    workspace: Path
    proof: str


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True).stdout.strip()


def make_repository(workspace: Path) -> str:
    workspace.mkdir()
    git(workspace, "init", "-q", "-b", "main")
    (workspace / "a.txt").write_text("a\n")
    git(workspace, "add", ".")
    git(workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "first")
    return git(workspace, "rev-parse", "HEAD")


async def _fill(place: HubPlace, workspace: Path) -> str:
    base = make_repository(workspace)
    sha, size = FileStore(place.home / "proofs").put(b"proof" * 1000)
    output = place.home / "runs" / "r1" / "0-edit.jsonl"
    output.parent.mkdir(parents=True)
    output.write_text('{"seq": 1}\n{"seq": 2')
    repos = Repos(place.home, Identity("Hub", "hub@x"))
    database = Database(place.database_url)
    async with database.write() as session:
        project = await make_project(session, key="SMALL", workspace_path=str(workspace))
        await repos.ensure_mirror(project.id, workspace, "main")
        tree = await repos.open_worktree(project.id, "SMALL-1", "wfhub/SMALL-1-1", base)
        task = await make_task(session, project, branch=tree.branch, base_sha=base, title="Ünïcode \\ and\ttabs\nlines")
        run = await make_run(session, task, state="passed", head_sha=base, id="r1", details={"text": "a\\nb\n"})
        await make_proof(session, run, sha256=sha, size=size)
    await database.close()
    return sha


@pytest.fixture
def small_hub(database_url: str, tmp_path: Path) -> SmallHub:
    upgrade_engine(database_url)
    place = HubPlace(tmp_path / "home", database_url, tmp_path / ".env")
    place.home.mkdir()
    workspace = tmp_path / "work"
    return SmallHub(place, workspace, asyncio.run(_fill(place, workspace)))
