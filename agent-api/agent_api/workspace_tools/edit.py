"""Replace a passage of a file."""

import asyncio
import difflib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused

_LARGEST = 2_000_000


class EditResult(BaseModel):
    """How often the passage was replaced, and the change as a unified diff."""

    model_config = ConfigDict(frozen=True)

    path: str
    replaced: int
    diff: str


async def edit(workspace: Path, path: str, old: str, new: str, *, replace_all: bool = False) -> EditResult:
    """Replace `old`, which must occur exactly once unless `replace_all`, by `new`.

    Raises OutsideWorkspace, and ToolRefused when `old` is empty, missing or not unique, or the file is no UTF-8 text.
    """
    return await asyncio.to_thread(_edit, workspace, path, old, new, replace_all)


def _edit(workspace: Path, path: str, old: str, new: str, replace_all: bool) -> EditResult:
    if not old:
        raise ToolRefused("The passage to replace is empty.", "Use write to make a file.")
    with Workspace(workspace) as inside:
        content, size = inside.read_bytes(path, _LARGEST)
        if size > _LARGEST:
            raise ToolRefused(f"{path} is too large to edit ({size} bytes).")
        try:
            before = content.decode()
        except UnicodeDecodeError as error:
            raise ToolRefused(f"{path} is not UTF-8 text.") from error
        count = before.count(old)
        if count == 0:
            raise ToolRefused(f"The passage does not occur in {path}.", "Read the file again and copy it exactly.")
        if count > 1 and not replace_all:
            raise ToolRefused(f"The passage occurs {count} times in {path}.", "Give more of its surroundings.")
        after = before.replace(old, new)
        inside.write_bytes(path, after.encode())
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}")
    return EditResult(path=path, replaced=count, diff="".join(lines))
