"""Write a small file so that a reader, or a crash, finds the old content or the new, never half of it."""

import os
from pathlib import Path


def write(path: Path, content: bytes, *, flush: bool = True) -> None:
    """Write beside `path`, flush to the disk, rename over it. Readable by the owner only.

    Without `flush` a crash of the process leaves the old content or the new; after a loss of power it may be neither.
    Nothing then waits for the disk, so it may be called on an event loop.
    """
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)
    if not flush:
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
