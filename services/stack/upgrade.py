"""Brings the database's tables up to date before any process starts: one starter at a time, a backup first, and the old
state again when it fails."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from services.backup.before_upgrade import Upgrade, put_back_interrupted
from services.backup.place import Say
from services.backup.restore import finish_interrupted
from services.domain.errors import HubError
from services.stack.backups import place_of
from services.stack.environments import orchestrator_environment
from services.stack.errors import MigrationFailed
from services.stack.lock import only_one
from services.stack.settings import StackSettings
from services.store.errors import DatabaseUnusable
from services.store.migrate import current_revision, known_revisions, newest_revision, upgrade

ENGINE = "services.workflows.migrate"
BEHIND = 3  # the engine's exit code: it has something to do, and was told not to begin
PATIENCE = 600.0  # seconds for another starter's migrations


def migrate(settings: StackSettings, say: Say = lambda sentence: None) -> None:
    """Raises DatabaseUnusable, BackupRefused or MigrationFailed; the database is as it was then."""
    url, place = settings.database_url, place_of(settings)
    with only_one(settings.home / "locks" / "upgrade.lock", PATIENCE):
        if put_back_interrupted(place):
            say("an upgrade was cut off: the database is as it was before, and it is tried again")
        if sentence := finish_interrupted(place):
            say(sentence)
        at = current_revision(url)
        if at is None:
            upgrade(url)
            migrate_engine(settings, url)
            return
        _refuse_newer(at)
        if at == newest_revision() and migrate_engine(settings, url, unless_behind=True):
            return
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        file = place.backups / f"before-upgrade-{at}-{newest_revision()}-{stamp}.wfbackup"
        say(f"upgrading the database; as it was before it is kept in {file}")
        with Upgrade(place, file, keep=settings.upgrade_backups):
            # On PostgreSQL each step of the engine's is whole and only adds, and the hub's are one transaction:
            # whatever fails, the version before finds what it knows.
            migrate_engine(settings, url)
            _told(lambda: upgrade(url), file)


def is_behind(settings: StackSettings) -> bool:
    """Whether the hub's tables are of an older version: processes that still run are of that one, too."""
    at = current_revision(settings.database_url)
    return at is not None and at in known_revisions() and at != newest_revision()


def migrate_engine(settings: StackSettings, url: str, *, unless_behind: bool = False) -> bool:
    """Brings the engine's tables in the database `url` up to date; False where `unless_behind` kept it from that.

    In a process of its own, which keeps this one free of the engine. Raises MigrationFailed.
    """
    command = [settings.python, "-m", ENGINE, *(["--unless-behind"] if unless_behind else [])]
    environment = orchestrator_environment(settings) | {"DATABASE_URL": url}
    done = subprocess.run(command, env=environment, cwd=settings.home, capture_output=True, text=True, check=False)
    if done.returncode == BEHIND and unless_behind:
        return False
    if done.returncode:
        raise _failure(settings, done.stdout + done.stderr)
    return True


def _refuse_newer(at: str) -> None:
    if at not in known_revisions():
        raise DatabaseUnusable(
            f"The database is at revision {at}, which this version of the hub does not know: a newer one has used it.",
            "Start that version again, or bring back a backup of before: wf restore FILE --force.",
        )


def _told(work: Callable[[], None], file: Path) -> None:
    try:
        work()
    except HubError:
        raise
    except Exception as error:
        raise MigrationFailed(
            f"The database's tables could not be brought up to date, and are as they were: {_line(error)}",
            f"Use the version of the hub you had before, and report this. The database is also kept in {file}.",
        ) from error


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _failure(settings: StackSettings, output: str) -> HubError:
    log = settings.logs / "migrations.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(output, encoding="utf-8")
    last = (output.strip().splitlines() or ["it said nothing"])[-1]
    return MigrationFailed(
        f"The engine's tables could not be brought up to date: {last}",
        f"The hub's data is as it was. All of what it said is in {log}.",
    )
