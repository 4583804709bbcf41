"""Upgrades: a backup first, the old state when it fails, one starter at a time."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from services.backup.errors import BackupRefused
from services.backup.restore import Wish, restore
from services.stack import upgrade
from services.stack.backups import place_of
from services.stack.errors import MigrationFailed
from services.stack.settings import StackSettings
from services.store import migrate
from services.store.errors import DatabaseUnusable
from services.store.migrate import current_revision, newest_revision, sync_url
from services.workflows.migrate import upgrade as upgrade_engine
from tests.integration.backup.conftest import SmallHub
from tests.integration.backup.test_refusals import only, rows

NEXT = '''
"""a change"""
import os, signal, time
import sqlalchemy as sa
from alembic import op

revision = "7777"
down_revision = {before!r}

def upgrade():
    op.add_column("tasks", sa.Column("extra", sa.Text(), nullable=False, server_default="new"))
    op.execute("UPDATE tasks SET title = 'changed'")
    {what}

def downgrade():
    op.drop_column("tasks", "extra")
'''
SCRIPTS, BEFORE = migrate.SCRIPTS, newest_revision()
BREAKS = "op.execute('SELECT * FROM a_table_that_is_not_there')"


@pytest.fixture
def settings(small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> StackSettings:
    """The small hub's, and an engine that is brought up to date in this process."""
    monkeypatch.setattr(upgrade, "migrate_engine", lambda _, url, unless_behind=False: upgrade_engine(url) or True)
    given = {"WFHUB_HOME": str(small_hub.place.home), "DATABASE_URL": small_hub.place.database_url}
    return StackSettings.load(small_hub.place.home.parent, given)


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A version of the hub with one migration more, which also does `what`."""

    def make(what: str) -> Path:
        scripts = tmp_path / "newer" / "alembic"
        shutil.copytree(SCRIPTS, scripts, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (scripts / "versions" / "7777_more.py").write_text(NEXT.format(before=BEFORE, what=what))
        monkeypatch.setattr(migrate, "SCRIPTS", scripts)
        return scripts

    return make


def columns(url: str) -> set[str]:
    engine = sa.create_engine(sync_url(url))
    names = {column["name"] for column in sa.inspect(engine).get_columns("tasks")}
    engine.dispose()
    return names


def backups(settings: StackSettings) -> list[Path]:
    return sorted((settings.home / "backups").glob("before-upgrade-*.wfbackup"))


def test_an_upgrade_keeps_the_database_of_before(settings: StackSettings, newer: Any, tmp_path: Path) -> None:
    url, before = settings.database_url, rows(settings.database_url)
    upgrade.migrate(settings)
    assert backups(settings) == []  # nothing to do: no backup
    newer("pass")
    assert upgrade.is_behind(settings)
    said: list[str] = []
    upgrade.migrate(settings, said.append)
    assert current_revision(url) == "7777"
    assert rows(url) == [(before[0][0], "changed")]
    (kept,) = backups(settings)
    assert f"-{BEFORE}-7777-" in kept.name
    assert str(kept) in said[0]
    assert not upgrade.is_behind(settings)
    # The version before does not start on it, and says so; the backup goes back to before, and can be upgraded again.
    scripts, migrate.SCRIPTS = migrate.SCRIPTS, SCRIPTS
    with pytest.raises(DatabaseUnusable, match="a newer one has used it") as refusal:
        upgrade.migrate(settings)
    assert "wf restore" in refusal.value.way_out
    migrate.SCRIPTS = scripts
    with pytest.raises(BackupRefused, match="database alone"):
        fresh = replace(
            place_of(settings), home=tmp_path / "fresh", database_url=f"sqlite:///{tmp_path}/fresh/h.sqlite"
        )
        restore(fresh if url.startswith("sqlite") else _emptied(settings), kept, Wish(), upgrade_engine)


def _emptied(settings: StackSettings) -> Any:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("TRUNCATE projects, requests CASCADE")
    return place_of(settings)


def test_an_upgrade_that_fails_leaves_the_old_state_and_a_sentence(settings: StackSettings, newer: Any) -> None:
    url = settings.database_url
    before, names = rows(url), columns(url)
    newer(BREAKS)
    with pytest.raises(MigrationFailed, match=r"are as they were: .*a_table_that_is_not_there") as refusal:
        upgrade.migrate(settings)
    assert str(backups(settings)[0]) in refusal.value.way_out
    assert (rows(url), columns(url)) == (before, names)
    newer("pass")  # mended
    upgrade.migrate(settings)
    assert current_revision(url) == "7777"


@only("sqlite")
def test_an_engine_that_fails_leaves_the_hubs_tables_alone(
    settings: StackSettings, newer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, names = rows(settings.database_url), columns(settings.database_url)
    newer("pass")

    def fails(*_: object, **__: object) -> bool:
        raise MigrationFailed("The engine's tables could not be brought up to date: no.", "Look.")

    monkeypatch.setattr(upgrade, "migrate_engine", fails)
    with pytest.raises(MigrationFailed, match="engine"):
        upgrade.migrate(settings)
    assert (rows(settings.database_url), columns(settings.database_url)) == (before, names)


def run_migrations(settings: StackSettings, scripts: Path) -> subprocess.Popen[bytes]:
    """Another starter, in a process of its own."""
    program = (
        "import os, pathlib, sys; import services.store.migrate as m; m.SCRIPTS = pathlib.Path(sys.argv[1])\n"
        "from services.stack import upgrade; from services.stack.settings import StackSettings\n"
        "upgrade.migrate_engine = lambda *a, **k: True\n"
        "upgrade.migrate(StackSettings.load(pathlib.Path(sys.argv[2]), os.environ))"
    )
    environment = os.environ | {"WFHUB_HOME": str(settings.home), "DATABASE_URL": settings.database_url}
    command = [sys.executable, "-c", program, str(scripts), str(settings.root)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)


@only("sqlite")
def test_an_upgrade_that_is_killed_is_begun_anew_from_the_old_state(settings: StackSettings, newer: Any) -> None:
    url = settings.database_url
    before, names = rows(url), columns(url)
    killed = run_migrations(settings, newer("os.kill(os.getpid(), signal.SIGKILL)"))
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert columns(url) != names  # SQLite commits each step: half an upgrade is there
    newer(BREAKS)
    with pytest.raises(MigrationFailed):
        upgrade.migrate(settings)
    assert (rows(url), columns(url)) == (before, names)
    newer("pass")
    upgrade.migrate(settings)
    assert (current_revision(url), rows(url)[0][1]) == ("7777", "changed")


@only("sqlite")
def test_two_starters_at_once_upgrade_once(settings: StackSettings, newer: Any) -> None:
    """Twice would fail: the column would be there already."""
    scripts = newer("time.sleep(0.5)")
    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(lambda _: run_migrations(settings, scripts).communicate(timeout=60)[1], range(2)))
    assert ended == [b"", b""]
    assert current_revision(settings.database_url) == "7777"
    assert len(backups(settings)) == 1


@only("sqlite")
@pytest.mark.parametrize(("keep", "there"), [(3, 3), (0, 0)])
def test_as_many_are_kept_as_the_setting_says(settings: StackSettings, newer: Any, keep: int, there: int) -> None:
    folder = settings.home / "backups"
    folder.mkdir()
    for number in range(5):
        (folder / f"before-upgrade-0-1-{number}.wfbackup").write_text("old")
        os.utime(folder / f"before-upgrade-0-1-{number}.wfbackup", (number, number))
    newer("pass")
    upgrade.migrate(replace(settings, upgrade_backups=keep))
    left = backups(settings)
    assert len(left) == there
    assert all(not path.name.endswith(("-0.wfbackup", "-1.wfbackup", "-2.wfbackup")) for path in left)
