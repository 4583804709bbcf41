"""On SQLite there is one orchestrator: a lock on a file, which the system gives back when its process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.domain.errors import HubError


class AnotherOrchestrator(HubError):
    """A second orchestrator on the same SQLite database."""

    code = "another_orchestrator"


class SoloLock:
    """Held for the life of the process."""

    @staticmethod
    @contextmanager
    def hold(path: Path, *, needed: bool) -> Iterator[None]:
        if not needed:
            yield
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AnotherOrchestrator(
                    "Another orchestrator works on this database already.",
                    "Stop it, or use PostgreSQL (DATABASE_URL) for more than one.",
                ) from error
            yield
        finally:
            os.close(handle)
