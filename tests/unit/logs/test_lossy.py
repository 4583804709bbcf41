"""A log that can't be written breaks nothing."""

import io
from contextlib import suppress
from pathlib import Path

from services.logs.lossy import Lossy


def test_a_full_disk() -> None:
    told: list[str] = []
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:  # closing it tries once more
        log = Lossy(full)
        log.write("one line\n")
        log.flush()
        told.append("went on")
    assert told == ["went on"]


def test_what_was_lost_is_told() -> None:
    class Full(io.StringIO):
        room = False

        def write(self, text: str, /) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            return super().write(text)

    stream = Full()
    log = Lossy(stream)
    log.write("one\n")
    log.write("two\n")
    stream.room = True
    log.write("three\n")
    assert stream.getvalue() == "2 log lines were lost: the log could not be written\nthree\n"
