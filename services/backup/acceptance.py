"""Whether a backup may be brought back to a hub: the right kind, no newer than we are, nothing of value in the way."""

import shutil
from typing import Any

import sqlalchemy as sa

from services.backup.archive import Archive, damaged
from services.backup.errors import BackupElsewhere, BackupNewer, BackupRefused, HubNotEmpty
from services.backup.facts import versions
from services.backup.place import HubPlace
from services.store.migrate import current_revision, known_revisions, sync_url

MARGIN = 50_000_000
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FACTS = {"made_at": str, "contents": str, "kind": str, "revision": str, "home": str, "projects": list, "rows": dict,
         "notes": list, "live_runs": int, "versions": dict}  # fmt: skip


def check(archive: Archive, place: HubPlace, *, replace: bool) -> bool:
    """Answers whether the hub was empty. Raises what fits, before anything is touched."""
    manifest = archive.manifest
    if not all(isinstance(manifest.get(name), kind) for name, kind in FACTS.items()):
        raise damaged("its list lacks facts about the hub")
    if manifest["kind"] != place.kind:
        raise BackupElsewhere(
            f"This is the backup of a hub on {NAMES.get(manifest['kind'], 'another database')}, and this hub uses "
            f"{NAMES[place.kind]}.",
            "Bring it back to a hub on the same kind of database (DATABASE_URL), with another WFHUB_HOME.",
        )
    _check_versions(manifest)
    empty = is_empty(place)
    if not empty and not replace:
        raise HubNotEmpty(
            "This hub has projects or requests of its own, which the backup would replace.",
            "Use another WFHUB_HOME, or --force: what is here now is put aside, not deleted.",
        )
    if manifest["contents"] == "database" and empty and not replace:
        raise BackupRefused(
            "This backup holds the database alone, without files and repositories: it was made before an upgrade.",
            "Bring it back to the hub it was made of, with --force.",
        )
    free = shutil.disk_usage(place.backups).free
    if free < archive.size + MARGIN:
        raise BackupRefused(
            f"{place.home} has {free / 1e6:.0f} MB free, and the backup needs {(archive.size + MARGIN) / 1e6:.0f} MB.",
            "Free some, or set WFHUB_HOME to another disk.",
        )
    return empty


def is_empty(place: HubPlace) -> bool:
    """Whether nobody has worked with this hub: no database, or one without projects and requests."""
    if current_revision(place.database_url) is None:
        return True
    engine = sa.create_engine(sync_url(place.database_url))
    try:
        with engine.connect() as connection:
            queries = ("SELECT 1 FROM projects LIMIT 1", "SELECT 1 FROM requests LIMIT 1")
            return all(connection.scalar(sa.text(query)) is None for query in queries)
    finally:
        engine.dispose()


def _check_versions(manifest: dict[str, Any]) -> None:
    known, here = manifest["versions"], versions()
    way_out = "Install the version that made it, or a newer one: git pull, then ./start.sh."
    if manifest["revision"] not in known_revisions():
        raise BackupNewer(
            f"The backup's database is at revision {manifest['revision']!r}, which this version of the hub does not "
            "know: a newer one made it.",
            way_out,
        )
    if _numbers(known.get("dbos", "")) > _numbers(here["dbos"]) > ():
        raise BackupNewer(
            f"The backup was made with the engine DBOS {known['dbos']}, and this hub has {here['dbos']}.", way_out
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
