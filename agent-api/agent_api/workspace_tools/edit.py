"""Replace a passage of a file."""

import asyncio
import difflib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.text import Encoding, decode_whole, lines_of


class EditResult(BaseModel):
    """How often the passage was replaced, and the change as a unified diff."""

    model_config = ConfigDict(frozen=True)

    path: str
    replaced: int
    diff: str


async def edit(
    workspace: Path,
    path: str,
    old: str,
    new: str,
    *,
    replace_all: bool = False,
    readable: tuple[str, ...] = (),
    limits: ToolLimits = ToolLimits(),
) -> EditResult:
    """Replace `old`, which must occur exactly once unless `replace_all`, by `new`. The file keeps its encoding; in one
    with CRLF ends of lines, `old` and `new` may have either.

    Raises OutsideWorkspace, and ToolRefused when `old` is empty, missing or not unique, or the file is no text.
    """
    if not old:
        raise ToolRefused("The passage to replace is empty.", "Use write to make a file.")

    def change() -> EditResult:
        with Workspace(workspace, readable=readable) as inside:
            before, encoding = read_text(inside, path, limits)
            passage, replacement = (old, new) if old in before else _as_written(before, old, new)
            count = before.count(passage)
            if count == 0:
                raise ToolRefused(f"The passage does not occur in {path}.", "Read the file again and copy it exactly.")
            if count > 1 and not replace_all:
                raise ToolRefused(f"The passage occurs {count} times in {path}.", "Give more of its surroundings.")
            after = before.replace(passage, replacement)
            write_text(inside, path, after, encoding, limits)
        return EditResult(path=path, replaced=count, diff=diff_of(path, before, after))

    return await asyncio.to_thread(change)


def read_text(inside: Workspace, path: str, limits: ToolLimits) -> tuple[str, Encoding]:
    """A whole file's text and encoding. Raises ToolRefused above the limit, and for what is no text."""
    content, size = inside.read_bytes(path, limits.file_bytes)
    if size > limits.file_bytes:
        raise ToolRefused(
            f"{path} is too large to edit: {size} bytes, and the limit is {limits.file_bytes}.", "Use bash."
        )
    return decode_whole(content, path)


def write_text(inside: Workspace, path: str, text: str, encoding: Encoding, limits: ToolLimits) -> None:
    content = encoding.encode(text, path)
    if len(content) > limits.file_bytes:
        raise ToolRefused(f"{path} would have {len(content)} bytes, and the limit is {limits.file_bytes}.")
    inside.write_bytes(path, content)


def diff_of(path: str, before: str | None, after: str | None) -> str:
    """The change as a unified diff; None stands for a file that is not there."""
    old, new = lines_of(before or ""), lines_of(after or "")
    names = "/dev/null" if before is None else f"a/{path}", "/dev/null" if after is None else f"b/{path}"
    lines = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _as_written(text: str, old: str, new: str) -> tuple[str, str]:
    """A passage as it stands in a file with CRLF, when it was copied with LF."""
    if "\r\n" not in text or "\r" in old:
        return old, new
    return old.replace("\n", "\r\n"), new.replace("\r\n", "\n").replace("\n", "\r\n")
