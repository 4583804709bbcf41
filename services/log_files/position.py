"""Where a line stands in a log: in which of its files, whatever that is called by now, and how many bytes in."""

import hashlib
import os
from dataclasses import dataclass

FIRST_BYTES = 1_024
PATTERN = r"^[0-9a-f]{16}:\d{1,15}$"


@dataclass(frozen=True)
class Position:
    """`file` is what `id_of` says. Written as `0f3c…:4096`."""

    file: str
    offset: int

    @classmethod
    def read(cls, text: str) -> "Position":
        """Of a text that fits PATTERN."""
        file, _, offset = text.partition(":")
        return cls(file, int(offset))

    def __str__(self) -> str:
        return f"{self.file}:{self.offset}"


def id_of(file: int) -> str:
    """Stays the same while the file grows and when it is renamed; another one once it was emptied, or when a new file
    gets its place on the disk. Empty as long as it has no whole first line."""
    head = os.pread(file, FIRST_BYTES, 0)
    first, newline, _ = head.partition(b"\n")
    if not newline and len(head) < FIRST_BYTES:
        return ""
    return hashlib.blake2b(first, digest_size=8, key=str(os.fstat(file).st_ino).encode()).hexdigest()
