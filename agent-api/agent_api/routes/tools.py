"""/api: the workspace tools over HTTP. Every answer carries `"success": true`; failures are problems."""

import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import CageLimits, resolve_cage
from agent_api.deps import Settings, workspace_folder
from agent_api.workspace_tools.bash import BashResult, bash
from agent_api.workspace_tools.glob import GlobResult, glob
from agent_api.workspace_tools.grep import GrepResult, grep
from agent_api.workspace_tools.read import ReadResult, read

router = APIRouter(prefix="/api", tags=["tools"])


class InWorkspace(BaseModel):
    """`workspace` is absolute, or under WORKSPACES_DIR."""

    model_config = ConfigDict(extra="forbid")

    workspace: str = Field(min_length=1, examples=["poc"])


class ReadBody(InWorkspace):
    path: str
    start: int = Field(default=1, ge=1)
    end: int | None = Field(default=None, ge=1)


class GrepBody(InWorkspace):
    pattern: str = Field(min_length=1, max_length=2000)
    path: str = "."
    glob: str | None = None
    ignore_case: bool = False
    context: int = Field(default=0, ge=0, le=10)
    limit: int = Field(default=200, ge=1, le=5000)


class GlobBody(InWorkspace):
    pattern: str = "**"
    limit: int = Field(default=500, ge=1, le=20_000)


class BashBody(InWorkspace):
    command: str = Field(min_length=1, max_length=100_000)
    timeout: float | None = Field(default=None, gt=0, description="Seconds")


class ReadAnswer(ReadResult):
    success: Literal[True] = True


class GrepAnswer(GrepResult):
    success: Literal[True] = True


class GlobAnswer(GlobResult):
    success: Literal[True] = True


class BashAnswer(BashResult):
    success: Literal[True] = True


@router.post("/read", summary="Read a text file of the workspace, or some of its lines")
async def read_file(body: ReadBody, settings: Settings) -> ReadAnswer:
    found = await read(workspace_folder(settings, body.workspace), body.path, body.start, body.end)
    return ReadAnswer(**found.model_dump())


@router.post("/grep", summary="Search the workspace's text with a regular expression")
async def grep_files(body: GrepBody, settings: Settings) -> GrepAnswer:
    found = await grep(
        workspace_folder(settings, body.workspace),
        body.pattern,
        path=body.path,
        glob=body.glob,
        ignore_case=body.ignore_case,
        context=body.context,
        limit=body.limit,
    )
    return GrepAnswer(**found.model_dump())


@router.post("/glob", summary="List the workspace's files by pattern")
async def glob_files(body: GlobBody, settings: Settings) -> GlobAnswer:
    found = await glob(workspace_folder(settings, body.workspace), body.pattern, limit=body.limit)
    return GlobAnswer(**found.model_dump())


@router.post("/bash", summary="Run a shell command in the workspace, in the cage and without network")
async def run_bash(body: BashBody, settings: Settings) -> BashAnswer:
    workspace = workspace_folder(settings, body.workspace)
    seconds = min(body.timeout or settings.bash_timeout_seconds, settings.bash_max_timeout_seconds)
    host = probe()
    backend = choose(settings.cage_backend, host, allow_none=settings.cage_allow_none)
    with tempfile.TemporaryDirectory(prefix="wfhub-bash-", ignore_cleanup_errors=True) as scratch:
        cage = resolve_cage(
            backend=backend,
            tmp=Path(scratch),
            worktree=workspace,
            read_only=settings.shared_read_only,
            host=host,
            niceness=settings.agent_niceness,
        )
        limits = CageLimits(seconds=seconds, output_bytes=settings.bash_output_bytes)
        done = await bash(workspace, body.command, cage=cage, limits=limits)
    return BashAnswer(**done.model_dump())
