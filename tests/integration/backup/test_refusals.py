"""A backup that must not be brought back is refused in a sentence, and the hub stays as it is."""

import errno
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from services.backup import into_database, make, reopen, swap
from services.backup.archive import MANIFEST, open_archive
from services.backup.errors import (
    BackupDamaged,
    BackupElsewhere,
    BackupNewer,
    BackupRefused,
    HubNotEmpty,
    RestoreFailed,
)
from services.backup.make import make_backup
from services.backup.place import HubPlace
from services.backup.restore import Wish, restore
from services.domain.errors import HubError
from services.store.migrate import sync_url
from services.workflows.migrate import upgrade as upgrade_engine
from tests.integration.backup.conftest import SmallHub


def only(kind: str) -> pytest.MarkDecorator:
    """For what does not depend on the database, or what only this one has."""
    marks = [pytest.mark.postgres] if kind == "postgresql" else []
    return pytest.mark.parametrize("database_url", [pytest.param(kind, marks=marks)], indirect=True)


def rows(url: str, query: str = "SELECT key, title FROM tasks ORDER BY id") -> list[Any]:
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return found


def tree(folder: Path) -> dict[str, bytes]:
    left_out = ("locks", "hub.sqlite-", ".db.")
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in (name := str(path.relative_to(folder))) for part in left_out)
    }


def change(file: Path, edit: Callable[[dict[str, Any]], None], target: Path, renamed: str = "") -> Path:
    """A copy of the backup with another list of parts; `renamed` is the output's new name."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == MANIFEST:
                manifest = json.loads(data)
                edit(manifest)
                data = json.dumps(manifest).encode()
            new.writestr(renamed if renamed and name.startswith("files/runs") else name, data)
    return target


def test_everything_comes_back_to_a_fresh_hub(small_hub: SmallHub, empty_url: str, tmp_path: Path) -> None:
    small_hub.place.env_file.write_text("")
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    assert (made.files, made.repositories, made.notes) == (2, 1, [])
    assert (tmp_path / "b.wfbackup").stat().st_mode & 0o077 == 0
    before = rows(small_hub.place.database_url)
    second = HubPlace(tmp_path / "another", empty_url, tmp_path / "second.env")
    shutil.rmtree(small_hub.workspace)
    back = restore(second, made.file, Wish(secrets={"WFHUB_TOKEN": "x" * 40}), upgrade_engine)
    assert back.workspaces == [("SMALL", str(small_hub.workspace), "made anew")]
    assert (small_hub.workspace / "a.txt").read_text() == "a\n"
    assert rows(empty_url) == before
    assert rows(empty_url, "SELECT details FROM runs")
    assert (second.home / "proofs" / small_hub.proof[:2] / small_hub.proof).read_bytes() == b"proof" * 1000
    assert (
        second.home / "runs/r1/0-edit.jsonl"
    ).read_text() == '{"seq": 1}\n'  # without the line that was being written
    assert second.env_file.read_text() == f"WFHUB_TOKEN={'x' * 40}\n"
    assert second.env_file.stat().st_mode & 0o077 == 0
    assert list(second.backups.iterdir()) == []
    # New rows get numbers above those that are there, and a word of a task is found.
    fresh = rows(empty_url, "SELECT max(id) FROM tasks")[0][0]
    insert(empty_url)
    assert rows(empty_url, "SELECT max(id) FROM tasks")[0][0] > fresh
    match = "search_texts MATCH 'unicode'" if empty_url.startswith("sqlite") else "document @@ 'unicode'"
    assert rows(empty_url, f"SELECT count(*) FROM search_texts WHERE {match}") == [(1,)]


def insert(url: str) -> None:
    """A task like the one that is there, with the database's own number."""
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        table = sa.Table("tasks", sa.MetaData(), autoload_with=connection)
        values = dict(connection.execute(sa.select(table)).mappings().first() or {})
        del values["id"]
        connection.execute(table.insert().values({**values, "number": 99, "key": "SMALL-99", "title": "other"}))
    engine.dispose()


def test_a_hub_with_work_in_it_is_replaced_only_when_told_and_put_aside(small_hub: SmallHub, tmp_path: Path) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    insert(small_hub.place.database_url)
    before = tree(small_hub.place.home)
    with pytest.raises(HubNotEmpty, match="projects or requests of its own") as refusal:
        restore(small_hub.place, made.file, Wish(), upgrade_engine)
    assert "--force" in refusal.value.way_out
    assert tree(small_hub.place.home) == before
    back = restore(small_hub.place, made.file, Wish(replace=True), upgrade_engine)
    assert rows(small_hub.place.database_url, "SELECT count(*) FROM tasks") == [(1,)]
    assert back.aside
    aside = {path.name for path in back.aside.iterdir()}
    assert aside >= {"proofs", "runs", "repos", "worktrees"}
    # What was put aside can be brought back itself.
    if small_hub.place.database_file:
        old = f"sqlite:///{back.aside / small_hub.place.database_file.name}"
        if not (back.aside / small_hub.place.database_file.name).exists():
            old = f"sqlite:///{small_hub.place.database_file}.{back.aside.name}"
        assert rows(old, "SELECT count(*) FROM tasks") == [(2,)]
    else:
        restore(small_hub.place, back.aside / "database.wfbackup", Wish(replace=True), upgrade_engine)
        assert rows(small_hub.place.database_url, "SELECT count(*) FROM tasks") == [(2,)]


ESCAPING = "files/proofs/../../../../escaped"


def newer(manifest: dict[str, Any]) -> None:
    manifest["revision"] = "9999"


def newer_engine(manifest: dict[str, Any]) -> None:
    manifest["versions"]["dbos"] = "99.0.0"


def other_kind(manifest: dict[str, Any]) -> None:
    manifest["kind"] = "postgresql" if manifest["kind"] == "sqlite" else "sqlite"


def other_format(manifest: dict[str, Any]) -> None:
    manifest["format"] = "workflow-hub-backup/7"


def lied(manifest: dict[str, Any]) -> None:
    name = next(name for name in manifest["parts"] if name.startswith("files/proofs"))
    manifest["parts"][name]["sha256"] = "0" * 64


def escaping(manifest: dict[str, Any]) -> None:
    manifest["parts"][ESCAPING] = manifest["parts"].pop("files/runs/r1/0-edit.jsonl")


def without_facts(manifest: dict[str, Any]) -> None:
    del manifest["home"]


REFUSED = [
    (newer, BackupNewer, "a newer one made it"),
    (newer_engine, BackupNewer, "DBOS 99"),
    (other_kind, BackupElsewhere, "this hub uses"),
    (other_format, BackupDamaged, "this version knows"),
    (lied, BackupDamaged, "not what was written"),
    (without_facts, BackupDamaged, "lacks facts"),
]


@only("sqlite")
def test_what_must_not_come_back_is_refused_and_leaves_the_hub_alone(small_hub: SmallHub, tmp_path: Path) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    insert(small_hub.place.database_url)
    files, there = tree(small_hub.place.home), rows(small_hub.place.database_url)

    def refused(file: Path, error: type[HubError], words: str) -> None:
        with pytest.raises(error, match=words) as refusal:
            restore(small_hub.place, file, Wish(replace=True), upgrade_engine)
        assert refusal.value.way_out
        assert tree(small_hub.place.home) == files
        assert rows(small_hub.place.database_url) == there

    for number, (edit, error, words) in enumerate(REFUSED):
        refused(change(made.file, edit, tmp_path / f"{number}.wfbackup"), error, words)
    whole = made.file.read_bytes()
    cut, text = tmp_path / "cut.wfbackup", tmp_path / "text.wfbackup"
    cut.write_bytes(whole[: len(whole) // 2])
    text.write_text("no backup at all")
    refused(cut, BackupDamaged, "cut off")
    refused(text, BackupDamaged, "no backup of a hub")
    refused(tmp_path / "nothing.wfbackup", BackupRefused, "There is no file")
    flipped = bytearray(whole)
    flipped[100] ^= 1  # in the first part's bytes
    cut.write_bytes(flipped)
    refused(cut, BackupDamaged, "not what was written|cut off")


@only("sqlite")
def test_a_name_that_leads_out_of_the_hub_is_no_part_of_it(small_hub: SmallHub, tmp_path: Path) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    bad = change(made.file, escaping, tmp_path / "bad.wfbackup", ESCAPING)
    restore(small_hub.place, bad, Wish(replace=True), upgrade_engine)
    assert not list(tmp_path.parent.rglob("escaped"))


def test_a_restore_that_fails_late_leaves_the_old_state(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    insert(small_hub.place.database_url)
    there, proofs = rows(small_hub.place.database_url), tree(small_hub.place.home / "proofs")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("services.backup.restore._settings", "services.backup.into_database.adjust"):
        with monkeypatch.context() as patched:
            patched.setattr(name, full)
            with pytest.raises(RestoreFailed, match="the disk is full") as refusal:
                restore(small_hub.place, made.file, Wish(replace=True), upgrade_engine)
        assert "as it was" in refusal.value.way_out
        assert rows(small_hub.place.database_url) == there
        assert tree(small_hub.place.home / "proofs") == proofs
        assert not list(small_hub.place.backups.glob(".restoring-*"))


@only("postgresql")
def test_somebody_in_the_database_is_told(small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.backup.into_database.LOCK_SECONDS", 1)
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    with psycopg.connect(small_hub.place.database_url) as other:
        other.execute("SELECT * FROM tasks")
        with pytest.raises(RestoreFailed, match="Somebody else uses"):
            restore(small_hub.place, made.file, Wish(replace=True), upgrade_engine)
    assert rows(small_hub.place.database_url, "SELECT count(*) FROM tasks") == [(1,)]


@only("sqlite")
def test_a_backup_is_refused_where_it_cannot_be_written(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "there.wfbackup"
    target.write_text("mine")
    with pytest.raises(BackupRefused, match="exists already"):
        make_backup(small_hub.place, target)
    assert target.read_text() == "mine"
    with pytest.raises(BackupRefused, match="Nothing can be written"):
        make_backup(small_hub.place, tmp_path / "no folder" / "b.wfbackup")
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(make.shutil, "disk_usage", lambda _: usage._replace(free=1000))
        with pytest.raises(BackupRefused, match="MB free"):
            make_backup(small_hub.place, tmp_path / "b.wfbackup")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "write_output", full)
    with pytest.raises(BackupRefused, match="the disk is full"):
        make_backup(small_hub.place, tmp_path / "b.wfbackup")
    assert sorted(path.name for path in tmp_path.glob("*b.wfbackup*")) == []
    assert list(small_hub.place.backups.iterdir()) == []


def test_the_databases_rows_count_where_room_is_looked_for(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = sa.create_engine(sync_url(small_hub.place.database_url))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE tasks SET description = :text"), {"text": os.urandom(2_000_000).hex()})
    engine.dispose()
    target, usage = tmp_path / "b.wfbackup", shutil.disk_usage(tmp_path)

    def room_but_there(folder: Path) -> Any:
        return usage._replace(free=make.MARGIN + (1_000_000 if folder == tmp_path else 10**9))

    monkeypatch.setattr(make.shutil, "disk_usage", room_but_there)
    with pytest.raises(BackupRefused, match=f"{tmp_path} has 51 MB free, and the backup may need 5[2-9] MB"):
        make_backup(small_hub.place, target, only_database=True)
    assert not target.exists()


@only("sqlite")
def test_a_broken_database_is_told_and_not_backed_up(small_hub: SmallHub, tmp_path: Path) -> None:
    file = small_hub.place.database_file
    assert file
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 3 + 200] = b"\xff" * 200
    file.write_bytes(data)
    with pytest.raises(BackupDamaged, match="database"):
        make_backup(small_hub.place, tmp_path / "b.wfbackup")
    assert not (tmp_path / "b.wfbackup").exists()


@only("sqlite")
def test_a_missing_file_is_said_and_does_not_keep_the_backup_from_being_made(
    small_hub: SmallHub, tmp_path: Path
) -> None:
    (small_hub.place.home / "proofs" / small_hub.proof[:2] / small_hub.proof).unlink()
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    assert made.notes == [f"the file {small_hub.proof[:12]} that a row names is not there"]
    with open_archive(made.file) as archive:
        assert archive.manifest["notes"] == made.notes


@only("sqlite")
def test_a_file_that_goes_while_the_space_is_looked_at_is_no_fault(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = os.walk

    def passing(folder: Path) -> Iterator[Any]:
        for at, folders, names in walk(folder):
            yield at, folders, [*names, "index.lock"]  # git's, seen and then gone

    monkeypatch.setattr(os, "walk", passing)
    assert make_backup(small_hub.place, tmp_path / "b.wfbackup").files == 2


@only("sqlite")
def test_a_folder_that_may_not_be_looked_into_is_missing_and_the_restore_is_done(
    small_hub: SmallHub, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")
    looked = Path.is_dir

    def locked(path: Path, **options: Any) -> bool:
        if path == small_hub.workspace:
            raise PermissionError(13, "Permission denied", str(path))
        return looked(path, **options)

    monkeypatch.setattr(Path, "is_dir", locked)
    second = HubPlace(tmp_path / "another", empty_url, tmp_path / "second.env")
    back = restore(second, made.file, Wish(), upgrade_engine)
    assert back.workspaces == [("SMALL", str(small_hub.workspace), "missing")]
    assert rows(empty_url) == rows(small_hub.place.database_url)


@only("sqlite")
def test_a_disk_that_is_full_once_the_hub_is_back_is_told_as_a_note(
    small_hub: SmallHub, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")

    async def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(reopen, "open_worktree", full)
    live = reopen.Place(1, "SMALL-1", "wfhub/SMALL-1-1", "a" * 40, frozenset())
    monkeypatch.setattr(into_database, "live_places", lambda connection: [live])
    second = HubPlace(tmp_path / "another", empty_url, tmp_path / "second.env")
    back = restore(second, made.file, Wish(), upgrade_engine)
    assert back.notes == ["The worktree of SMALL-1 could not be made: No space left on device."]
    assert rows(empty_url) == rows(small_hub.place.database_url)


@only("postgresql")
def test_folders_that_do_not_move_leave_the_rows_that_were_replaced_to_be_had(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(small_hub.place, tmp_path / "b.wfbackup")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(swap, "_do", full)
    with pytest.raises(RestoreFailed, match="has the backup's rows") as failure:
        restore(small_hub.place, made.file, Wish(replace=True), upgrade_engine)
    assert "--force" in failure.value.way_out
    (kept,) = small_hub.place.backups.glob("replaced-*/database.wfbackup")
    assert str(kept) in failure.value.way_out
    with open_archive(kept) as archive:
        archive.verify()
