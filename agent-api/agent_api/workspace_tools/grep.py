"""Search the workspace's text with ripgrep."""

import json
import os
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.workspace_tools import ripgrep
from agent_api.workspace_tools.pattern import matcher
from services.domain.secret_files import is_hidden

_LONGEST_TEXT = 400
_MOST_CONTEXT = 10


class GrepLine(BaseModel):
    """A line that matches, or with `context` one beside a match. `line` counts from 1."""

    model_config = ConfigDict(frozen=True)

    path: str
    line: int
    text: str
    context: bool = False


class GrepResult(BaseModel):
    """`matches` counts lines that match; `truncated` when the limit ended the search early or a line was cut."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[GrepLine, ...]
    matches: int
    truncated: bool


async def grep(
    workspace: Path,
    pattern: str,
    *,
    path: str = ".",
    glob: str | None = None,
    ignore_case: bool = False,
    context: int = 0,
    limit: int = 200,
) -> GrepResult:
    """Lines matching a regular expression, in `path` (a file or folder) and files matching `glob`.

    Files that the workspace ignores are left out. Raises OutsideWorkspace, and ToolRefused for a bad pattern.
    """
    arguments = ["--json", "--context", str(min(max(context, 0), _MOST_CONTEXT))]
    arguments += ["--ignore-case"] if ignore_case else []
    wanted = matcher(glob or "**")
    with Workspace(workspace) as inside:
        is_folder = inside.is_folder(path)
        opened = inside.open_folder(path if is_folder else ".")
        file = None if is_folder else inside.open_file(path)
    prefix = "" if path in (".", "") else path.strip("/") + "/"
    found: list[GrepLine] = []
    matches, truncated = 0, False
    try:
        arguments += ["--regexp", pattern, "--", "." if file is None else "-"]
        async with aclosing(ripgrep.lines(arguments, folder=opened, stdin=file)) as lines:
            async for raw in lines:
                line = _line(json.loads(raw), prefix, None if file is None else path)
                if line is None or is_hidden(line.path) or not wanted(line.path):
                    continue
                if not line.context and matches == limit:
                    truncated = True
                    break
                matches += not line.context
                truncated |= len(line.text) > _LONGEST_TEXT
                found.append(line.model_copy(update={"text": line.text[:_LONGEST_TEXT]}))
    finally:
        os.close(opened)
        if file is not None:
            os.close(file)
    return GrepResult(lines=tuple(found), matches=matches, truncated=truncated)


def _line(entry: dict[str, Any], prefix: str, only: str | None) -> GrepLine | None:
    """One entry of rg's JSON, or None for those that only count. Bytes that are no text come in base64: left out."""
    if entry["type"] not in ("match", "context"):
        return None
    data = entry["data"]
    text, name = data["lines"].get("text"), data["path"].get("text")
    if text is None or name is None:
        return None
    shown = only or prefix + name.removeprefix("./")
    return GrepLine(path=shown, line=data["line_number"], text=text.rstrip("\n"), context=entry["type"] == "context")
