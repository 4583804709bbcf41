"""Brings the database up to date before any process starts; see `upgrade.py`, which takes a while to import."""

import os
import sys
from pathlib import Path

from services.backup.place import Say
from services.domain.errors import HubError
from services.stack.settings import StackSettings


def migrate(settings: StackSettings, say: Say = lambda sentence: None) -> None:
    """Raises DatabaseUnusable, BackupRefused or MigrationFailed; the database is as it was then."""
    from services.stack import upgrade

    upgrade.migrate(settings, say)


def is_behind(settings: StackSettings) -> bool:
    """Whether the hub's tables are of an older version: processes that still run are of that one, too."""
    from services.stack import upgrade

    return upgrade.is_behind(settings)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def main() -> int:
    """In a container of its own, once, before the processes start. Exit code 2 with one sentence when it fails."""
    try:
        migrate(StackSettings.load(Path(os.curdir), os.environ), _say)
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
