"""Write a whole file."""

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused
from agent_api.workspace_tools.limits import ToolLimits


class WriteResult(BaseModel):
    """Whether the file is new, and its size in bytes."""

    model_config = ConfigDict(frozen=True)

    path: str
    created: bool
    size: int


async def write(
    workspace: Path, path: str, content: str, *, readable: tuple[str, ...] = (), limits: ToolLimits = ToolLimits()
) -> WriteResult:
    """Create or replace `path` as UTF-8, with the folders it needs. Raises OutsideWorkspace and ToolRefused."""
    try:
        data = content.encode()
    except UnicodeEncodeError as error:
        raise ToolRefused(f"The content holds half a character at {error.start}, which no file can hold.") from error
    if len(data) > limits.file_bytes:
        raise ToolRefused(f"{len(data)} bytes are too many for one file; the limit is {limits.file_bytes}.")

    def replace() -> bool:
        with Workspace(workspace, readable=readable) as inside:
            return inside.write_bytes(path, data)

    return WriteResult(path=path, created=await asyncio.to_thread(replace), size=len(data))
