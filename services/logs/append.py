"""Appends lines to a log that rotates, for who writes down what others say."""

import os

from services.logs.rotation import Rotation


def append(rotation: Rotation, lines: list[str]) -> None:
    """All of them at once; the file is put aside where it has become as large as it may. Raises OSError."""
    rotation.path.parent.mkdir(parents=True, exist_ok=True)
    with rotation.lock():
        file = rotation.open()
        try:
            left = memoryview("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
            while left:
                left = left[os.write(file, left) :]
            full = os.fstat(file).st_size >= rotation.file_bytes
        finally:
            os.close(file)
        if full:
            rotation.put_aside()
