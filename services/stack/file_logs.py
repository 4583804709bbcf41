"""Log files of local services: their last lines, then what is written, through rotations."""

import os
import time
from collections.abc import Iterator, Mapping
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

LOOK_SECONDS = 0.2
PIECE = 65_536


def follow(files: Mapping[str, Path], tail: int, *, go_on: bool) -> Iterator[tuple[str, str]]:
    """Each line with its name. A file that is not there yet is looked for again while it goes on."""
    followers = {name: _Follower(path, tail) for name, path in files.items()}
    while True:
        quiet = True
        for name, follower in followers.items():
            for line in follower.lines():
                quiet = False
                yield name, line
        if not go_on:
            return
        if quiet:
            time.sleep(LOOK_SECONDS)


class _Follower:
    """A line whose end is missing waits for it."""

    def __init__(self, path: Path, tail: int) -> None:
        self._path, self._tail = path, tail
        self._file: BinaryIO | None = None
        self._begun = b""

    def lines(self) -> Iterator[str]:
        while (file := self._file or self._open()) is not None:
            self._file = file
            yield from self._read(file)
            if not self._rotated(file):
                return
            yield from self._read(file)  # what came between the reading and the renaming
            file.close()
            self._file, self._tail, self._begun = None, -1, b""

    def _read(self, file: BinaryIO) -> Iterator[str]:
        if os.fstat(file.fileno()).st_size < file.tell():  # it was emptied
            self._begun = b""
            file.seek(0)
        while piece := file.read(PIECE):
            *whole, self._begun = (self._begun + piece).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)

    def _open(self) -> BinaryIO | None:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return None
        file.seek(0 if self._tail < 0 else _place_of_last(file, self._tail))
        return file

    def _rotated(self, file: BinaryIO) -> bool:
        try:
            return not os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False


def _place_of_last(file: BinaryIO, count: int) -> int:
    """Where the last `count` lines begin."""
    place, seen = file.seek(0, SEEK_END), b""
    while place and seen.count(b"\n") <= count:
        step = min(PIECE, place)
        place -= step
        file.seek(place)
        seen = file.read(step) + seen
    kept = seen.split(b"\n")[-(count + 1) :] if count else [b""]
    return place + len(seen) - len(b"\n".join(kept))
