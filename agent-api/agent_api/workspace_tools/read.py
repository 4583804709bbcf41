"""Read a text file, or some of its lines."""

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused

_MOST_BYTES = 2_000_000
_MOST_CHARACTERS = 60_000


class ReadResult(BaseModel):
    """Lines `start` to `end` (from 1, both included) of `total_lines`; `truncated` when not all asked for is here."""

    model_config = ConfigDict(frozen=True)

    path: str
    text: str
    start: int
    end: int
    total_lines: int
    truncated: bool


async def read(workspace: Path, path: str, start: int = 1, end: int | None = None) -> ReadResult:
    """Read `path`, relative to `workspace`. Raises OutsideWorkspace, and ToolRefused for what is no text file."""
    return await asyncio.to_thread(_read, workspace, path, start, end)


def _read(workspace: Path, path: str, start: int, end: int | None) -> ReadResult:
    if start < 1 or (end is not None and end < start):
        raise ToolRefused(
            f"Lines {start} to {end} are no range.", "Lines count from 1, and the end is not before the start."
        )
    with Workspace(workspace) as inside:
        content, size = inside.read_bytes(path, _MOST_BYTES)
    if b"\0" in content[:8192]:
        raise ToolRefused(f"{path} is not a text file.")
    lines = content.decode(errors="replace").splitlines(keepends=True)
    asked = lines[start - 1 : end]
    text, count = "", 0
    for line in asked:
        if text and len(text) + len(line) > _MOST_CHARACTERS:
            break
        text += line[:_MOST_CHARACTERS]
        count += 1
    cut = count < len(asked) or size > _MOST_BYTES or any(len(line) > _MOST_CHARACTERS for line in asked[:count])
    return ReadResult(path=path, text=text, start=start, end=start + count - 1, total_lines=len(lines), truncated=cut)
