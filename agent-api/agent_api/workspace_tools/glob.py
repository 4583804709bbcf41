"""List the workspace's files by pattern."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.pattern import matcher
from agent_api.workspace_tools.ripgrep import Ripgrep
from services.domain.secret_files import is_hidden


class GlobResult(BaseModel):
    """Paths relative to the workspace, sorted; `truncated` when there are more than the limit, as `notes` then say."""

    model_config = ConfigDict(frozen=True)

    paths: tuple[str, ...]
    truncated: bool
    notes: tuple[str, ...] = ()


async def glob(
    workspace: Path,
    pattern: str = "**",
    *,
    limit: int = 500,
    include_ignored: bool = False,
    readable: tuple[str, ...] = (),
    limits: ToolLimits = ToolLimits(),
) -> GlobResult:
    """Files matching a glob such as `**/*.py`. What the workspace ignores is left out unless `include_ignored`.

    Raises ToolRefused for a glob that cannot be read, and when the time is over.
    """
    matches = matcher(pattern)
    with Workspace(workspace) as inside:
        opened = inside.open_folder(".")
    arguments = ["--files", "--null", "--sort", "path", *(["--no-ignore"] if include_ignored else [])]
    run = Ripgrep(arguments, folder=opened, seconds=limits.seconds, separator=b"\0")
    found: list[str] = []
    unnamed = 0

    def take(batch: list[bytes]) -> bool:
        nonlocal unnamed
        for raw in batch:
            try:
                path = raw.decode().removeprefix("./")
            except UnicodeDecodeError:
                unnamed += 1
                continue
            if matches(path) and not is_hidden(path, readable):
                found.append(path)
        return len(found) > limit

    try:
        await run.each(take)
    finally:
        os.close(opened)
    full = len(found) > limit
    notes = [f"There are more than {limit} files: ask for more, or narrow the pattern."] if full else []
    if unnamed:
        notes.append(f"{unnamed} files whose names are not UTF-8 are left out.")
    return GlobResult(paths=tuple(found[:limit]), truncated=full, notes=(*notes, *run.notes()))
