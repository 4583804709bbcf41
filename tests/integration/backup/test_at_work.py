"""Whatever is written, removed and moved while a backup is made: what is in it fits together."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.backup import make
from services.backup.archive import open_archive
from services.backup.make import make_backup
from services.backup.restore import Wish, restore
from services.files.store import FileStore
from services.repos.depot import loose_ref
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from services.store.database import Database
from services.store.models import Proof, Run
from services.workflows.migrate import upgrade as upgrade_engine
from tests.integration.backup.conftest import SmallHub
from tests.integration.backup.test_refusals import only, rows
from tests.support.factories import make_proof


class Busy:
    """A hub at work in a thread: each turn keeps a proof, takes the one before away, and commits to the branch."""

    def __init__(self, hub: SmallHub, until: Callable[[], bool]) -> None:
        self._hub, self._until, self.turns = hub, until, 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()))

    def __enter__(self) -> "Busy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(60)

    async def _work(self) -> None:
        place = self._hub.place
        database, proofs = Database(place.database_url), FileStore(place.home / "proofs")
        repos, last = Repos(place.home, Identity("Hub", "hub@x")), ""
        mirror = repos.mirror(1)
        tree = Worktree(1, "SMALL-1", place.home / "worktrees/1/SMALL-1", "wfhub/SMALL-1-1", "", mirror)
        while not self._until():
            self.turns += 1
            (tree.path / "a.txt").write_text(f"{self.turns}\n")
            commit = await repos.commit_all(tree, f"turn {self.turns}", {"Run": "r1"})
            sha, size = proofs.put(os.urandom(50_000))
            async with database.write() as session:
                run = await session.get_one(Run, "r1")
                run.head_sha = commit
                await session.execute(sa.delete(Proof).where(Proof.sha256 == last))
                await make_proof(session, run, sha256=sha, size=size, name=str(self.turns))
            if last:
                proofs.remove(last)
            last = sha
        await database.close()


def test_a_backup_of_a_hub_at_work_fits_together(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that a row names are removed after the snapshot, and branches go on: two backups in a row."""
    busy, done = [Busy(small_hub, lambda: done.is_set())], threading.Event()
    read = make.repositories.write

    def late(*args: object) -> object:
        seen = busy[0].turns
        while busy[0].turns < seen + 3:  # the hub goes on between the database's snapshot and the rest
            done.wait(0.01)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(make.repositories, "write", late)
    made = []
    with busy[0]:
        try:
            made = [make_backup(small_hub.place, tmp_path / f"{number}.wfbackup") for number in range(2)]
        finally:
            done.set()
    assert [one.notes for one in made] == [[], []]
    for one in made:
        with open_archive(one.file) as archive:
            parts = {name.rpartition("/")[2] for name in archive.parts}
        restore(small_hub.place, one.file, Wish(replace=True), upgrade_engine)
        named = {sha for (sha,) in rows(small_hub.place.database_url, "SELECT sha256 FROM proofs")}
        assert named <= parts
        head = rows(small_hub.place.database_url, "SELECT head_sha FROM runs")[0][0]
        assert loose_ref(small_hub.place.home / "repos/1.git", "refs/heads/wfhub/SMALL-1-1") == head


@only("sqlite")
def test_memory_does_not_grow_with_the_hub(small_hub: SmallHub, tmp_path: Path) -> None:
    """A proof of 60 MB and a database of 30 MB, in a process of its own."""
    big = FileStore(small_hub.place.home / "proofs").path("0" * 64)
    big.parent.mkdir(parents=True, exist_ok=True)
    with big.open("wb") as file:
        file.truncate(60_000_000)
    assert small_hub.place.database_file
    with sqlite3.connect(small_hub.place.database_file) as connection:
        connection.execute("CREATE TABLE wide (text)")
        connection.executemany("INSERT INTO wide VALUES (zeroblob(1000000))", [()] * 30)
    program = (
        "import resource, sys; from pathlib import Path; from services.backup.make import make_backup\n"
        "from services.backup.place import HubPlace; place = HubPlace(Path(sys.argv[1]), sys.argv[2], Path('x'))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "make_backup(place, Path(sys.argv[3])); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    command = [sys.executable, "-c", program, str(small_hub.place.home), small_hub.place.database_url]
    grown = subprocess.run([*command, str(tmp_path / "b.wfbackup")], capture_output=True, text=True, check=True).stdout
    assert int(grown) < 40_000, f"{grown} kB"
