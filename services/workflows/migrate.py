"""Brings the engine's own tables to its version: `python -m services.workflows.migrate`, before any process starts."""

import os
import sys
from pathlib import Path

import sqlalchemy as sa
from dbos import run_dbos_database_migrations
from dbos._migration import (  # pyright: ignore[reportPrivateImportUsage]
    get_migration_versions,
    get_sqlite_migration_versions,
)

from services.store.migrate import sync_url

SCHEMA = "dbos"
BEHIND = 3


def upgrade(url: str) -> None:
    """The engine's tables live in the hub's database."""
    run_dbos_database_migrations(sync_url(url))


def is_behind(url: str) -> bool:
    """Whether there are tables of an older version of the engine."""
    engine = sa.create_engine(sync_url(url))
    try:
        if engine.dialect.name == "sqlite":
            at, newest = get_sqlite_migration_versions(engine)
        else:
            at, newest = get_migration_versions(engine, SCHEMA, use_listen_notify=True)
    finally:
        engine.dispose()
    return 0 < at < newest


def main() -> int:
    """With `--unless-behind` it answers 3 and does nothing where tables with rows in them would be changed."""
    home = Path(os.environ.get("WFHUB_HOME", ".wfhub")).resolve()
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{home / 'hub.sqlite'}"
    if "--unless-behind" in sys.argv[1:] and is_behind(url):
        return BEHIND
    upgrade(url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
