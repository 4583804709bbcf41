"""Restores a hub of local processes: nothing of it may run meanwhile, and nothing may be started."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from services.backup import secrets
from services.backup.archive import open_archive
from services.backup.errors import HubRuns
from services.backup.place import Say
from services.backup.restore import Restored, Wish
from services.backup.restore import restore as bring_back
from services.stack import backups, choice, upgrade
from services.stack.errors import SecretRefused
from services.stack.lock import only_one
from services.stack.settings import StackSettings

PATIENCE = 90.0


def restore(
    settings: StackSettings,
    file: Path,
    wish: Wish,
    passphrase: Callable[[], str] | None,
    environ: Mapping[str, str],
    say: Say,
) -> Restored:
    """`passphrase` is asked when the backup has secrets; None keeps those of `.env`. Raises what `restore` of the
    backups raises, and HubRuns, PassphraseRefused, SecretRefused; HubRuns before anything is asked or read."""
    place, chosen = backups.place_of(settings), choice.to_look(settings)
    running = [status.name for status in chosen.stack.status() if status.pid is not None]
    if chosen.kind == "containers":
        raise HubRuns(
            "This hub runs as containers, and a backup can't be brought back to containers yet.",
            "Stop it (./start.sh stop), restore to local processes, and start those: ./start.sh --local. A backup of "
            "containers needs DATABASE_URL to name a PostgreSQL database for that. See docs/backup.md.",
        )
    if running and not wish.replace:
        raise HubRuns(
            f"The hub runs: {', '.join(running)}.", "Stop it first (./start.sh stop), or give --force, which does."
        )
    with open_archive(file) as archive:
        if archive.manifest["sealed"] and passphrase is not None and archive.manifest.get("contents") == "all":
            found = secrets.unlock(passphrase(), archive.sealed(), archive.digest)
            _check_environment(environ, found)
            wish = replace(wish, secrets=found)
    for folder in (settings.home, settings.run, settings.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if running:
        say("stopping the hub")
        choice.stop_all(settings, say)
    with only_one(settings.run / "stack.lock", PATIENCE):
        return bring_back(place, file, wish, lambda url: _migrate_engine(settings, url), say)


def _migrate_engine(settings: StackSettings, url: str) -> None:
    upgrade.migrate_engine(settings, url)


def _check_environment(environ: Mapping[str, str], found: Mapping[str, str]) -> None:
    others = backups.overruled(environ, found)
    if others:
        raise SecretRefused(
            f"{' and '.join(others)} in your environment differ from the backup's, and would win over .env.",
            "Unset them, or keep the secrets you have: --without-secrets.",
        )
