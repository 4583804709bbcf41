"""A restore that is killed while it takes the hub's place: the next start has the old hub or the new one, all of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from services.backup import swap
from services.backup.errors import RestoreFailed
from services.backup.make import make_backup
from services.backup.restore import Wish, finish_interrupted, restore
from services.files.store import FileStore
from services.stack import upgrade
from services.stack.settings import StackSettings
from services.store.errors import DatabaseUnusable
from services.store.migrate import sync_url
from services.workflows.migrate import upgrade as upgrade_engine
from tests.integration.backup.conftest import SmallHub, git
from tests.integration.backup.test_refusals import insert, only, rows, tree

PROGRAM = """
import os, signal, sys
from pathlib import Path
from services.backup import into_database, reopen, swap
from services.backup.place import HubPlace
from services.backup.restore import Wish, restore
from services.workflows.migrate import upgrade

at, home, url, env, file = sys.argv[1:]
real, moved = into_database.Staged.commit, swap._do

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def commit(staged):
    if at != "before the commit":
        real(staged)
    if at.endswith("the commit"):
        end()

def move(one):
    moved(one)
    if one.place.endswith("proofs"):
        end()

async def opened(*_):
    end()

into_database.Staged.commit, swap._do = commit, move
if at == "in the worktrees":
    reopen.open_worktree, swap._do = opened, moved
restore(HubPlace(Path(home), url, Path(env)), Path(file), Wish(replace=True), upgrade)
"""
POINTS = ["before the commit", "after the commit", "between two moves"]


def killed(hub: SmallHub, file: Path, at: str) -> None:
    place = hub.place
    given = [at, str(place.home), place.database_url, str(place.env_file), str(file)]
    ended = subprocess.run([sys.executable, "-c", PROGRAM, *given], env={**os.environ}, check=False)
    assert ended.returncode == -signal.SIGKILL


def changed(hub: SmallHub, target: Path) -> Path:
    """A backup, behind which the hub got another task and another file."""
    made = make_backup(hub.place, target)
    insert(hub.place.database_url)
    FileStore(hub.place.home / "proofs").put(b"newer")
    return made.file


@pytest.mark.parametrize("at", POINTS)
@only("postgresql")
def test_the_next_start_has_one_whole_hub_and_says_which(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setattr(upgrade, "migrate_engine", lambda *_, **__: True)
    place = small_hub.place
    given = {"WFHUB_HOME": str(place.home), "DATABASE_URL": place.database_url}
    settings = StackSettings.load(tmp_path, given)
    of_backup = rows(place.database_url), tree(place.home / "proofs")
    file = changed(small_hub, tmp_path / "b.wfbackup")
    of_now = rows(place.database_url), tree(place.home / "proofs")
    killed(small_hub, file, at)
    said: list[str] = []
    upgrade.migrate(settings, said.append)
    (sentence,) = said
    stands = rows(place.database_url), tree(place.home / "proofs")
    if at == "before the commit":
        assert stands == of_now and sentence.endswith("the hub is as it was")
    else:
        assert stands == of_backup and sentence.endswith("the hub is as the backup has it")
    assert not list(place.backups.glob(".restoring-*")) and not swap.is_interrupted(place.backups)
    upgrade.migrate(settings, said.append)
    assert len(said) == 1, "it is told once"


def test_the_next_start_makes_the_worktrees_that_were_still_to_come(small_hub: SmallHub, tmp_path: Path) -> None:
    place, base = small_hub.place, git(small_hub.workspace, "rev-parse", "HEAD")
    work(place.database_url, {"branch": "wfhub/SMALL-1-1", "base_sha": base})
    file = make_backup(place, tmp_path / "b.wfbackup").file
    killed(small_hub, file, "in the worktrees")
    assert not (place.home / "worktrees/1/SMALL-1").exists()
    assert finish_interrupted(place).endswith("the hub is as the backup has it")
    assert git(place.home / "worktrees/1/SMALL-1", "rev-parse", "HEAD") == base
    assert (place.home / f"worktrees/1/base-{base[:12]}/a.txt").read_text() == "a\n"
    assert finish_interrupted(place) == ""


def work(url: str, place: dict[str, str]) -> None:
    """The hub's run goes on in `place`."""
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        table = sa.Table("runs", sa.MetaData(), autoload_with=connection)
        connection.execute(table.update().values(state="running", details={"place": place}))
    engine.dispose()


@only("postgresql")
def test_the_next_restore_ends_it_first(small_hub: SmallHub, tmp_path: Path) -> None:
    of_backup = rows(small_hub.place.database_url), tree(small_hub.place.home / "proofs")
    file = changed(small_hub, tmp_path / "b.wfbackup")
    killed(small_hub, file, "after the commit")
    said: list[str] = []
    restore(small_hub.place, file, Wish(replace=True), upgrade_engine, said.append)
    assert said[0].startswith("a restore was cut off and is done now")
    assert (rows(small_hub.place.database_url), tree(small_hub.place.home / "proofs")) == of_backup


@only("postgresql")
def test_an_answer_that_got_lost_is_told_and_ended_as_the_database_ended_it(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = small_hub.place
    file = changed(small_hub, tmp_path / "b.wfbackup")
    of_now = rows(place.database_url), tree(place.home / "proofs")

    def cut(staged: object) -> None:
        with psycopg.connect(place.database_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 20000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 727001"
            )
        staged.connection.commit()  # type: ignore[attr-defined]

    monkeypatch.setattr("services.backup.into_database.Staged.commit", cut)
    with pytest.raises(RestoreFailed, match="did not say whether it took"):
        restore(place, file, Wish(replace=True), upgrade_engine)
    assert finish_interrupted(place).endswith("the hub is as it was")
    assert (rows(place.database_url), tree(place.home / "proofs")) == of_now


@only("postgresql")
def test_while_the_database_can_not_tell_nothing_is_moved(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.backup.into_database.LOCK_SECONDS", 1)
    file = changed(small_hub, tmp_path / "b.wfbackup")
    killed(small_hub, file, "after the commit")
    proofs = tree(small_hub.place.home / "proofs")
    with psycopg.connect(small_hub.place.database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(727001)")
        with pytest.raises(DatabaseUnusable, match="can't be told"):
            finish_interrupted(small_hub.place)
    assert tree(small_hub.place.home / "proofs") == proofs and swap.is_interrupted(small_hub.place.backups)
    assert finish_interrupted(small_hub.place).endswith("the hub is as the backup has it")
