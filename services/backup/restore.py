"""The story of a restore: everything is unpacked beside the hub and checked, and only then takes its place."""

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from services.backup import acceptance, files, repositories, swap
from services.backup.archive import Archive, open_archive
from services.backup.errors import BackupDamaged, RestoreFailed
from services.backup.into_database import bring_rows, places_in, stage_file, took_rows
from services.backup.make import make_backup
from services.backup.place import HASHED, MADE_ANEW, OUTPUT, HubPlace, Say
from services.backup.reopen import reopen
from services.backup.settings_file import merged
from services.backup.swap import Move
from services.domain.errors import HubError

MigrateEngine = Callable[[str], None]
ROWS = "database.wfbackup"


@dataclass(frozen=True)
class Wish:
    """How to bring it back. `secrets` are None where they stay as they are; `replace`: also over a hub with work in it;
    `workspaces` maps folders of the backup to where they are now."""

    secrets: Mapping[str, str] | None = None
    replace: bool = False
    workspaces: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Restored:
    """`workspaces` says for each project's folder: there, made anew, or missing. `aside` holds what was replaced."""

    made_at: str
    files: int
    repositories: int
    live_runs: int
    workspaces: list[tuple[str, str, str]]
    aside: Path | None
    notes: list[str]


def restore(
    place: HubPlace,
    path: Path,
    wish: Wish,
    migrate_engine: MigrateEngine,
    say: Say = lambda sentence: None,
) -> Restored:
    """Brings the hub at `place`, which must not run, to what the backup `path` holds.

    Raises BackupRefused, BackupDamaged, BackupNewer, BackupElsewhere, HubNotEmpty, RestoreFailed; the hub is as it was
    then. Killed in the middle, it is as it was, or the next start or restore ends the exchange.
    """
    place.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    if sentence := finish_interrupted(place):
        say(sentence)
    for left in place.backups.glob(".restoring-*"):
        shutil.rmtree(left)
    stage = place.backups / f".restoring-{os.getpid()}"
    try:
        with open_archive(path) as archive:
            empty = acceptance.check(archive, place, replace=wish.replace)
            stage.mkdir(mode=0o700)
            return _bring_back(place, archive, stage, wish, migrate_engine, say, empty)
    except HubError:
        raise
    except (OSError, SQLAlchemyError) as error:
        raise (_unknown(error) if swap.is_interrupted(place.backups) else _failed(error)) from error
    finally:
        if not swap.is_interrupted(place.backups):
            shutil.rmtree(stage, ignore_errors=True)


def finish_interrupted(place: HubPlace) -> str:
    """Ends a restore that was killed while it took the hub's place: all of the backup is there then, or nothing of it.
    Answers what became of it, empty where there was none. Raises DatabaseUnusable where the database can't tell."""
    if not swap.is_interrupted(place.backups):
        return ""
    notes: list[str] = []

    def settle() -> None:
        notes.extend(reopen(place.home, places_in(place.database_url)))

    finished = swap.finish_interrupted(place.backups, lambda mark: took_rows(place.database_url, mark), settle)
    for left in place.backups.glob(".restoring-*"):
        shutil.rmtree(left, ignore_errors=True)
    if not finished:
        return "a restore was cut off before the database had the backup's rows: the hub is as it was"
    return "; ".join(["a restore was cut off and is done now: the hub is as the backup has it", *notes])


def _bring_back(
    place: HubPlace,
    archive: Archive,
    stage: Path,
    wish: Wish,
    migrate_engine: MigrateEngine,
    say: Say,
    empty: bool,
) -> Restored:
    everything = archive.manifest["contents"] == "all"
    count, mirrors = 0, 0
    if everything:
        say("unpacking files")
        count = _unpack_files(archive, stage)
        say("unpacking repositories")
        mirrors = repositories.extract(archive, stage, archive.manifest["projects"])
    aside = None if empty else place.backups / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    away = aside or stage / "old"
    say("unpacking the database")
    if place.database_file is not None:
        staged = stage_file(archive, place, migrate_engine, wish.workspaces)
    else:
        if aside is not None:
            make_backup(place, stage / ROWS, only_database=True)
        staged = bring_rows(archive, place, migrate_engine, wish.workspaces)
    notes: list[str] = []

    def settle() -> None:
        if everything:
            say("checking out what runs work on")
            notes.extend(reopen(place.home, staged.places))

    try:
        moves = [*_moves(place, stage, away, everything), *staged.moves(away), *_settings(place, stage, away, wish)]
        _keep_rows(stage, away)
        try:
            # PostgreSQL's rows are committed last but for the renames, which can be finished after a crash.
            swap.exchange(place.backups, moves, staged.mark, staged.commit, settle)
        except OSError as error:
            if not staged.committed:
                raise
            raise _half_done(error, aside) from error
    finally:
        staged.discard()
    workspaces = _workspaces(place, archive, staged.workspaces) if everything else []
    return Restored(
        made_at=archive.manifest["made_at"],
        files=count,
        repositories=mirrors,
        live_runs=archive.manifest["live_runs"],
        workspaces=workspaces,
        aside=aside,
        notes=[*archive.manifest["notes"], *staged.notes, *notes],
    )


def _unpack_files(archive: Archive, stage: Path) -> int:
    count = 0
    for kind in (*HASHED, OUTPUT, "repos"):
        (stage / kind).mkdir()
    for part in archive.parts:
        target = files.target_of(part, stage)
        if target is not None:
            archive.extract(part, target)
            count += 1
            if target.parent.parent.name in HASHED and archive.parts[part]["sha256"] != target.name:
                raise BackupDamaged(f"The file {target.name[:12]} is not what its name says.", "Take another backup.")
    return count


def _moves(place: HubPlace, stage: Path, aside: Path, everything: bool) -> list[Move]:
    if not everything:
        return []
    home, brought = place.home, (*HASHED, OUTPUT, "repos")
    moves = [Move(str(home / name), str(stage / name), str(aside / name)) for name in brought]
    return moves + [Move(str(home / name), "", str(aside / name)) for name in MADE_ANEW]


def _keep_rows(stage: Path, aside: Path) -> None:
    """PostgreSQL's rows as they were: aside before they are gone, whatever becomes of the folders."""
    rows = stage / ROWS
    if rows.exists():
        aside.mkdir()
        rows.rename(aside / ROWS)


def _settings(place: HubPlace, stage: Path, aside: Path, wish: Wish) -> list[Move]:
    """`.env` is exchanged last; what stood there before is kept with the rest."""
    if wish.secrets is None:
        return []
    old = place.env_file.read_text(encoding="utf-8") if place.env_file.exists() else ""
    fresh = place.env_file.with_name(".env.restoring")
    fresh.unlink(missing_ok=True)
    for path, text in ((fresh, merged(old, wish.secrets)), (stage / "env", old)):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return [Move(str(aside / "env"), str(stage / "env")), Move(str(place.env_file), str(fresh))]


def _workspaces(place: HubPlace, archive: Archive, paths: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """A project's folder that is not there is made anew, as the hub's mirror last saw it."""
    found: list[tuple[str, str, str]] = []
    for project in archive.manifest["projects"]:
        path = Path(paths.get(int(project["id"]), ""))
        if int(project["id"]) not in paths:
            continue
        state = "missing"
        with suppress(HubError, OSError):  # the hub is brought back by now: a folder that can't be had is told
            if path.is_dir() and any(path.iterdir()):
                state = "there"
            elif repositories.make_workspace(place.home, int(project["id"]), path, project["default_branch"]):
                state = "made anew"
        found.append((project["key"], str(path), state))
    return found


def _half_done(error: OSError, aside: Path | None) -> RestoreFailed:
    kept = f" The rows that were there are in {aside / ROWS}." if aside else ""
    return RestoreFailed(
        f"The database has the backup's rows, but its files could not take their place: {error.strerror or error}.",
        f"Mend that, then bring the same backup back again with --force.{kept}",
    )


def _unknown(error: Exception) -> RestoreFailed:
    return RestoreFailed(
        f"The database did not say whether it took the backup's rows: {str(error).splitlines()[0][:300]}.",
        "Start the hub, or try again: this one is ended first, and the hub is as it was or as the backup has it.",
    )


def _failed(error: Exception) -> RestoreFailed:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    what = "the disk is full" if full else str(error).splitlines()[0][:300]
    return RestoreFailed(
        f"The backup could not be brought back: {what}.",
        "The hub is as it was. " + ("Free some space, then try again." if full else "Mend that, then try again."),
    )
