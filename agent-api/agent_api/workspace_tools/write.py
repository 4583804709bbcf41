"""Write a whole file."""

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused

_LARGEST = 2_000_000


class WriteResult(BaseModel):
    """Whether the file is new, and its size in bytes."""

    model_config = ConfigDict(frozen=True)

    path: str
    created: bool
    size: int


async def write(workspace: Path, path: str, content: str) -> WriteResult:
    """Create or replace `path`, with the folders it needs. Raises OutsideWorkspace and ToolRefused."""
    data = content.encode()
    if len(data) > _LARGEST:
        raise ToolRefused(f"{len(data)} bytes are too many for one file; the limit is {_LARGEST}.")

    def replace() -> bool:
        with Workspace(workspace) as inside:
            return inside.write_bytes(path, data)

    return WriteResult(path=path, created=await asyncio.to_thread(replace), size=len(data))
