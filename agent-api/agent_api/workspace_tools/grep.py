"""Search the workspace's text with ripgrep."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.workspace_tools.found import Found, GrepLine
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.pattern import matcher
from agent_api.workspace_tools.ripgrep import Ripgrep

_MOST_CONTEXT = 10


class GrepResult(BaseModel):
    """Lines by path and number. `matches` counts those that match, `files` the files they are in.

    `truncated` when there are more than are here, or one is cut; `notes` say what was left out and why.
    """

    model_config = ConfigDict(frozen=True)

    lines: tuple[GrepLine, ...]
    matches: int
    files: int
    truncated: bool
    notes: tuple[str, ...] = ()


async def grep(
    workspace: Path,
    pattern: str,
    *,
    path: str = ".",
    glob: str | None = None,
    ignore_case: bool = False,
    literal: bool = False,
    include_ignored: bool = False,
    context: int = 0,
    limit: int = 200,
    readable: tuple[str, ...] = (),
    limits: ToolLimits = ToolLimits(),
) -> GrepResult:
    """Lines matching a regular expression (or with `literal` a text), in `path` (a file or folder) and files matching
    `glob`. Binary files, and unless `include_ignored` files that the workspace ignores, are left out.

    Raises OutsideWorkspace, and ToolRefused for a bad pattern or glob, and when the time is over.
    """
    arguments = ["--json", "--context", str(min(max(context, 0), _MOST_CONTEXT))]
    arguments += ["--ignore-case"] if ignore_case else []
    arguments += ["--fixed-strings"] if literal else []
    arguments += ["--no-ignore"] if include_ignored else []
    wanted = matcher(glob or "**")
    with Workspace(workspace, readable=readable) as inside:
        is_folder = inside.is_folder(path)
        opened = inside.open_folder(path if is_folder else ".")
        file = None if is_folder else inside.open_file(path)
        prefix = "" if path in (".", "", "./") else path.strip("/").removeprefix("./") + "/"
        target = ["--regexp", pattern, "--", "." if file is None else "-"]

        async def search(*more: str) -> Found:
            found = Found(inside, prefix, None if file is None else path, wanted, limit, limits)
            run = Ripgrep([*arguments, *more, *target], folder=opened, stdin=file, seconds=limits.seconds)
            await run.each(found.take)
            found.notes += run.notes()
            return found

        try:
            found = await search()
            if found.full and file is None:
                # Several threads found these first, other ones next time. In order, the same question has one answer.
                found = await search("--sort", "path")
        finally:
            os.close(opened)
            if file is not None:
                os.close(file)
    return GrepResult(
        lines=tuple(found.in_order()),
        matches=found.matches,
        files=found.files,
        truncated=found.full or found.cut > 0,
        notes=tuple(found.told()),
    )
