"""On SQLite there is one orchestrator: a lock on a file, which the system gives back when its process dies."""

import fcntl
import os
from pathlib import Path

from services.domain.errors import HubError


class AnotherOrchestrator(HubError):
    """A second orchestrator on the same SQLite database."""

    code = "another_orchestrator"


def hold_lock(path: Path) -> int:
    """Takes the lock for the life of this process and answers its descriptor. Raises AnotherOrchestrator."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise AnotherOrchestrator(
            "Another orchestrator works on this database already.",
            "Stop it, or use PostgreSQL (DATABASE_URL) for more than one.",
        ) from error
    return handle
