"""Brings the database's tables up to date before any process starts: the hub's own, then the engine's."""

import os
import subprocess
import sys
from pathlib import Path

from services.domain.errors import HubError
from services.stack.environments import orchestrator_environment
from services.stack.errors import MigrationFailed
from services.stack.settings import StackSettings

ENGINE = "services.workflows.migrate"


def migrate(settings: StackSettings) -> None:
    """Raises DatabaseUnusable or MigrationFailed; nothing has been started then."""
    # Alembic takes a while to import, and a start that finds everything well needs none of it.
    from services.store.migrate import upgrade

    upgrade(settings.database_url)
    done = subprocess.run(
        [settings.python, "-m", ENGINE],  # a process of its own keeps this one free of the engine
        env=orchestrator_environment(settings),
        cwd=settings.home,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise _failure(settings, done.stdout + done.stderr)


def _failure(settings: StackSettings, output: str) -> HubError:
    log = settings.logs / "migrations.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(output, encoding="utf-8")
    last = (output.strip().splitlines() or ["it said nothing"])[-1]
    return MigrationFailed(
        f"The engine's tables could not be brought up to date: {last}", f"All of what it said is in {log}."
    )


def main() -> int:
    """In a container of its own, once, before the processes start. Exit code 2 with one sentence when it fails."""
    try:
        migrate(StackSettings.load(Path(os.curdir), os.environ))
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
