"""List the workspace's files by pattern."""

import os
from contextlib import aclosing
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.workspace_tools import ripgrep
from agent_api.workspace_tools.pattern import matcher
from services.domain.secret_files import is_hidden


class GlobResult(BaseModel):
    """Paths relative to the workspace, sorted; `truncated` when there are more than the limit."""

    model_config = ConfigDict(frozen=True)

    paths: tuple[str, ...]
    truncated: bool


async def glob(workspace: Path, pattern: str = "**", *, limit: int = 500) -> GlobResult:
    """Files matching a glob such as `**/*.py`; what the workspace ignores is left out. Raises ToolRefused."""
    matches = matcher(pattern)
    with Workspace(workspace) as inside:
        opened = inside.open_folder(".")
    found: list[str] = []
    try:
        async with aclosing(ripgrep.lines(["--files", "--sort", "path"], folder=opened)) as lines:
            async for raw in lines:
                path = raw.decode(errors="replace").rstrip("\n").removeprefix("./")
                if is_hidden(path) or not matches(path):
                    continue
                if len(found) == limit:
                    return GlobResult(paths=tuple(found), truncated=True)
                found.append(path)
    finally:
        os.close(opened)
    return GlobResult(paths=tuple(found), truncated=False)
