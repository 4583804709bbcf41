"""One start or stop of a hub at a time."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from services.stack.errors import StackBusy


@contextlib.contextmanager
def only_one(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock file; wait up to `patience` seconds, then raise StackBusy. The kernel frees it if we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    sentence = "Another start or stop of this hub is under way."
                    raise StackBusy(sentence, "Wait for it to end, or end that program, then try again.") from error
                time.sleep(0.05)
        yield
