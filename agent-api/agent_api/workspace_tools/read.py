"""Read a text file, or some of its lines."""

import asyncio
import io
import os
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.text import Encoding, decode_whole, guess, lines_of

_HEAD_BYTES = 65_536
_COUNT_BYTES = 64 << 20  # lines are counted to the end of files up to this size
_CHUNK = 1 << 20


class ReadResult(BaseModel):
    """Lines `start` to `end` (from 1, both included) of `total_lines`, which is None for a file too large to count.

    `truncated` when not all that was asked for is here; `notes` say what is missing, and how to get it. `end` is
    `start - 1` where there is no such line. `size` is the file's, in bytes.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str
    start: int
    end: int
    total_lines: int | None
    size: int
    encoding: str
    truncated: bool
    notes: tuple[str, ...] = ()


async def read(
    workspace: Path,
    path: str,
    start: int = 1,
    end: int | None = None,
    *,
    encoding: str | None = None,
    readable: tuple[str, ...] = (),
    limits: ToolLimits = ToolLimits(),
) -> ReadResult:
    """Read `path`, relative to `workspace`. Raises OutsideWorkspace, and ToolRefused for what is no text file."""
    if start < 1 or (end is not None and end < start):
        raise ToolRefused(
            f"Lines {start} to {end} are no range.", "Lines count from 1, and the end is not before the start."
        )
    return await asyncio.to_thread(_read, workspace, path, start, end, encoding, readable, limits)


def _read(
    workspace: Path, path: str, start: int, end: int | None, named: str | None, readable: tuple[str, ...],
    limits: ToolLimits,
) -> ReadResult:  # fmt: skip
    with (
        Workspace(workspace, readable=readable) as inside,
        io.BufferedReader(io.FileIO(inside.open_file(path)), _CHUNK) as file,
    ):
        size = os.fstat(file.fileno()).st_size
        encoding = guess(file.peek(_HEAD_BYTES)[:_HEAD_BYTES], path, named)
        if encoding.is_bytewise:
            reading = _Lines(file, path, limits)
            reading.go_to(start)
            lines, cut = reading.take(None if end is None else end - start + 1)
            total = reading.count(size)
        else:
            lines, cut, total = _wide_lines(file.read(limits.file_bytes + 1), path, start, end, encoding, limits)
    if encoding.is_bytewise and start == 1 and lines:
        lines[0] = lines[0].removeprefix(encoding.mark)
    text, encoding = _decoded(lines, encoding, path, named)
    notes = list(cut)
    if encoding.codec == "latin-1" and named is None:
        notes.append("It is not UTF-8; its bytes are read as Latin-1. Name the encoding if it is another.")
    last = start + len(lines) - 1
    if last < start and size:
        notes.append(f"It has no line {start}" + (f", but {total}." if total is not None else "."))
    return ReadResult(
        path=path, text=text, start=start, end=last, total_lines=total, size=size, encoding=encoding.codec,
        truncated=bool(cut), notes=tuple(notes),
    )  # fmt: skip


class _Lines:
    """Lines of an open file, within the limits; nothing of it is held but what is answered."""

    def __init__(self, file: "io.BufferedReader[io.FileIO]", path: str, limits: ToolLimits) -> None:
        self._file, self._path, self._limits = file, path, limits
        self._deadline = time.monotonic() + limits.seconds
        self._number = 1  # of the next line
        self._at_end = False

    def go_to(self, line: int) -> None:
        while self._number < line and (chunk := self._file.read(_CHUNK)):
            ends = chunk.count(b"\n")
            self._at_end = not chunk.endswith(b"\n")
            if self._number + ends >= line:
                at = 0
                for _ in range(line - self._number):
                    at = chunk.index(b"\n", at) + 1
                self._file.seek(at - len(chunk), io.SEEK_CUR)
                self._number, self._at_end = line, False
                return
            self._number += ends
            self._check_time()

    def take(self, count: int | None) -> tuple[list[bytes], list[str]]:
        """Up to `count` lines (None: all), and what was cut of them."""
        room, lines = self._limits.answer_characters, list[bytes]()
        while count is None or len(lines) < count:
            raw = self._file.readline(room + 1)
            if not raw:
                break
            if len(raw) > room:
                break_here = f"The answer ends at its limit of {self._limits.answer_characters} bytes"
                if lines:
                    self._skip_rest(raw)
                    return lines, [f"{break_here}; go on with start={self._number - 1}."]
                self._skip_rest(raw)
                lines.append(raw[:room])
                return lines, [f"{break_here}, in the middle of line {self._number - 1}; bash and cut show its rest."]
            room -= len(raw)
            lines.append(raw)
            self._number += raw.endswith(b"\n")
            self._at_end = not raw.endswith(b"\n")
        return lines, []

    def count(self, size: int) -> int | None:
        """Lines in all, the last one counted without its end of line too."""
        if size > _COUNT_BYTES:
            return None
        ends = self._at_end
        while chunk := self._file.read(_CHUNK):
            self._number += chunk.count(b"\n")
            ends = not chunk.endswith(b"\n")
        return self._number - 1 + ends

    def _skip_rest(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(_CHUNK)
            self._check_time()
        self._number += 1

    def _check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise ToolRefused(
                f"Reading {self._path} up to there takes more than {self._limits.seconds:g} seconds.",
                "Use bash, such as tail, sed -n or split.",
            )


def _wide_lines(
    content: bytes, path: str, start: int, end: int | None, encoding: Encoding, limits: ToolLimits
) -> tuple[list[bytes], list[str], int]:
    """UTF-16 and UTF-32, whose files are small or refused: all of it is decoded."""
    if len(content) > limits.file_bytes:
        raise ToolRefused(
            f"{path} is {encoding.codec} text of more than {limits.file_bytes} bytes.", "Convert it first."
        )
    text = _decoded([content.removeprefix(encoding.mark)], encoding, path, encoding.codec)[0]
    lines = lines_of(text)
    asked, room, cut = lines[start - 1 : end], limits.answer_characters, list[str]()
    taken: list[bytes] = []
    for number, line in enumerate(asked, start):
        if len(line) > room:
            cut.append(f"The answer ends at its limit of {limits.answer_characters} characters, at line {number}.")
            taken += [] if taken else [line[:room].encode(encoding.codec)]
            break
        room -= len(line)
        taken.append(line.encode(encoding.codec))
    return taken, cut, len(lines)


def _decoded(lines: list[bytes], encoding: Encoding, path: str, named: str | None) -> tuple[str, Encoding]:
    content = b"".join(lines)
    try:
        return content.decode(encoding.codec), encoding
    except UnicodeDecodeError as error:
        if error.end == len(content) and error.reason == "unexpected end of data":  # a line cut within a character
            return content[: error.start].decode(encoding.codec), encoding
        if named is not None:
            raise ToolRefused(f"{path} is not {encoding.codec} text: {error.reason}.") from error
        return decode_whole(content, path)
