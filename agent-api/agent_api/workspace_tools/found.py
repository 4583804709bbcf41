"""What ripgrep's JSON tells, taken as far as the limits go. Its format is that of `rg --json` (grep_printer::JSON)."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.workspace_tools.limits import ToolLimits

_TOLD_OF_LINES = (b'{"type":"match"', b'{"type":"context"')
_BEFORE_MATCH = 80  # characters shown before a match that lies far into a long line


class GrepLine(BaseModel):
    """A line that matches, or with `context` one beside a match. `line` counts from 1; `cut` when it is not whole."""

    model_config = ConfigDict(frozen=True)

    path: str
    line: int
    text: str
    context: bool = False
    cut: bool = False


class Found:
    """Collects the lines of wanted files; `full` once there are more than the limit. `only` names a single file."""

    def __init__(
        self,
        inside: Workspace,
        prefix: str,
        only: str | None,
        wanted: Callable[[str], bool],
        limit: int,
        limits: ToolLimits,
    ) -> None:
        self._inside, self._prefix, self._only, self._wanted = inside, prefix, only, wanted
        self._limit, self._room, self._longest = limit, limits.answer_characters, limits.line_characters
        self._limits = limits
        self._path: str | None = None  # of the file that is told of now; None: not wanted
        self._files: dict[str, list[GrepLine]] = {}
        self.matches = self.cut = self._binary = self._unnamed = 0
        self.full = False
        self._why = ""
        self.notes: list[str] = []

    def take(self, lines: Sequence[bytes]) -> bool:
        """Answers whether that is enough."""
        for line in lines:
            if self._path is None and line.startswith(_TOLD_OF_LINES):
                continue  # of a file that nobody wants, which may have millions
            entry = json.loads(line)
            kind, data = entry["type"], entry["data"]
            if kind == "begin":
                self._path = self._file(data["path"])
            elif kind == "end":
                self._binary += self._path is not None and data["binary_offset"] is not None
            elif kind in ("match", "context") and self._path is not None:
                self._add(self._path, data, context=kind == "context")
            if self.full:
                return True
        return False

    @property
    def files(self) -> int:
        return sum(any(not line.context for line in lines) for lines in self._files.values())

    def in_order(self) -> list[GrepLine]:
        return [line for path in sorted(self._files, key=lambda path: path.split("/")) for line in self._files[path]]

    def told(self) -> list[str]:
        told = [self._why] if self.full else []
        if self.cut:
            told.append(f"{self.cut} lines are cut to {self._longest} characters around what matches.")
        if self._binary:
            told.append(f"{self._binary} files that match are binary: only lines before their first NUL byte are here.")
        if self._unnamed:
            told.append(f"{self._unnamed} files whose names are not UTF-8 are left out.")
        return told + self.notes

    def _file(self, path: dict[str, str]) -> str | None:
        if self._only is not None:
            return self._only
        if "text" not in path:
            self._unnamed += 1
            return None
        name = self._prefix + path["text"].removeprefix("./")
        return name if self._wanted(name) and not self._inside.hides(name) else None

    def _add(self, path: str, data: dict[str, Any], *, context: bool) -> None:
        if not context and self.matches == self._limit:
            self.full, self._why = (
                True,
                f"There are more than {self._limit} matches: ask for more, or narrow the search.",
            )
            return
        line = self._line(path, data, context)
        if len(line.text) > self._room:
            self.full, self._why = (
                True,
                f"The answer's limit of {self._limits.answer_characters} characters is reached.",
            )
            return
        self._room -= len(line.text)
        self.matches += not context
        self.cut += line.cut
        self._files.setdefault(path, []).append(line)

    def _line(self, path: str, data: dict[str, Any], context: bool) -> GrepLine:
        raw = data["lines"]
        text = raw["text"] if "text" in raw else base64.b64decode(raw["bytes"]).decode(errors="replace")
        text = text.rstrip("\r\n")
        cut = len(text) > self._longest
        if cut:
            first = data["submatches"][0]["start"] if data["submatches"] else 0  # in bytes: near enough
            begin = max(0, min(first - _BEFORE_MATCH, len(text) - self._longest))
            text = text[begin : begin + self._longest]
        return GrepLine(path=path, line=data["line_number"], text=text, context=context, cut=cut)
