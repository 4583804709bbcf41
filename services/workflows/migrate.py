"""Brings the engine's own tables to its version: `python -m services.workflows.migrate`, before any process starts."""

import os
import sys
from pathlib import Path

from dbos import run_dbos_database_migrations

from services.store.migrate import sync_url


def upgrade(url: str) -> None:
    """The engine's tables live in the hub's database."""
    run_dbos_database_migrations(sync_url(url))


def main() -> None:
    home = Path(os.environ.get("WFHUB_HOME", ".wfhub")).resolve()
    upgrade(os.environ.get("DATABASE_URL") or f"sqlite:///{home / 'hub.sqlite'}")


if __name__ == "__main__":
    sys.exit(main())
