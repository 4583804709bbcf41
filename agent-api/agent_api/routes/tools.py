"""/api: the workspace tools over HTTP. Every answer carries `"success": true`; failures are problems."""

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import CageLimits, resolve_cage
from agent_api.chosen import readable_secrets
from agent_api.deps import Settings, workspace_folder
from agent_api.errors import ToolRefused
from agent_api.listening import while_listening
from agent_api.settings import AgentSettings
from agent_api.workspace_tools.bash import BashResult, bash
from agent_api.workspace_tools.edit import edit
from agent_api.workspace_tools.glob import GlobResult, glob
from agent_api.workspace_tools.grep import GrepResult, grep
from agent_api.workspace_tools.patch import PatchResult, patch
from agent_api.workspace_tools.read import ReadResult, read
from agent_api.workspace_tools.write import WriteResult, write

router = APIRouter(prefix="/api", tags=["tools"])
_TO_END_SECONDS = 60  # beyond a command's own limit


class InWorkspace(BaseModel):
    """`workspace` is absolute, or under WORKSPACES_DIR; without it, the one of /api/config."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = Field(default=None, min_length=1, examples=["poc"])


class ReadBody(InWorkspace):
    """Lines count from 1; `end` is included. `encoding` is guessed where it is not named."""

    path: str = Field(examples=["README.md"])
    start: int = Field(default=1, ge=1)
    end: int | None = Field(default=None, ge=1)
    encoding: str | None = Field(default=None, examples=["cp1252"])


class GrepBody(InWorkspace):
    pattern: str = Field(min_length=1, max_length=2000, examples=["def \\w+"])
    path: str = Field(default=".", description="A file or a folder")
    glob: str | None = Field(default=None, examples=["*.py"])
    ignore_case: bool = False
    literal: bool = Field(default=False, description="The pattern is a text, no regular expression")
    include_ignored: bool = False
    context: int = Field(default=0, ge=0, le=10)
    limit: int = Field(default=200, ge=1, le=5000)


class GlobBody(InWorkspace):
    pattern: str = Field(default="**", examples=["src/**/*.ts"])
    include_ignored: bool = False
    limit: int = Field(default=500, ge=1, le=20_000)


class BashBody(InWorkspace):
    command: str = Field(min_length=1, max_length=100_000, examples=["python -m pytest -q"])
    timeout: float | None = Field(default=None, gt=0, description="Seconds")


class WriteBody(InWorkspace):
    path: str = Field(examples=["hello.txt"])
    content: str = Field(examples=["Hello.\\n"])


class EditBody(InWorkspace):
    """One of three: `path`, `old` and `new`; `path` and `content`, the whole file; or `diff`, a unified diff."""

    path: str | None = Field(default=None, examples=["hello.txt"])
    old: str | None = Field(default=None, examples=["Hello."])
    new: str | None = Field(default=None, examples=["Good morning."])
    replace_all: bool = False
    content: str | None = None
    diff: str | None = None


class Answer(BaseModel):
    success: Literal[True] = True


class ReadAnswer(ReadResult, Answer): ...


class GrepAnswer(GrepResult, Answer): ...


class GlobAnswer(GlobResult, Answer): ...


class BashAnswer(BashResult, Answer): ...


class WriteAnswer(WriteResult, Answer): ...


class EditAnswer(PatchResult, Answer): ...


@router.post("/read", summary="Read a text file of the workspace, or some of its lines")
async def read_file(body: ReadBody, settings: Settings) -> ReadAnswer:
    workspace, readable = _place(settings, body)
    found = await read(
        workspace, body.path, body.start, body.end, encoding=body.encoding, readable=readable,
        limits=settings.tool_limits,
    )  # fmt: skip
    return ReadAnswer(**found.model_dump())


@router.post("/grep", summary="Search the workspace's text with a regular expression")
async def grep_files(body: GrepBody, settings: Settings) -> GrepAnswer:
    workspace, readable = _place(settings, body)
    asked = body.model_dump(exclude={"workspace", "pattern"})
    found = await grep(workspace, body.pattern, **asked, readable=readable, limits=settings.tool_limits)
    return GrepAnswer.model_construct(**dict(found))


@router.post("/glob", summary="List the workspace's files by pattern")
async def glob_files(body: GlobBody, settings: Settings) -> GlobAnswer:
    workspace, readable = _place(settings, body)
    found = await glob(
        workspace, body.pattern, limit=body.limit, include_ignored=body.include_ignored, readable=readable,
        limits=settings.tool_limits,
    )  # fmt: skip
    return GlobAnswer.model_construct(**dict(found))


@router.post("/write", summary="Write a whole file; what was in it is lost")
async def write_file(body: WriteBody, settings: Settings) -> WriteAnswer:
    workspace, readable = _place(settings, body)
    done = await write(workspace, body.path, body.content, readable=readable, limits=settings.tool_limits)
    return WriteAnswer(**done.model_dump())


@router.post("/edit", summary="Replace a passage of a file or the whole of it, or apply a unified diff to several")
async def edit_files(body: EditBody, settings: Settings) -> EditAnswer:
    workspace, readable = _place(settings, body)
    limits = settings.tool_limits
    match body:
        case EditBody(path=None, old=None, new=None, content=None, diff=str() as diff):
            done = await patch(workspace, diff, readable=readable, limits=limits)
            return EditAnswer(**done.model_dump())
        case EditBody(path=str() as path, old=None, new=None, content=str() as content, diff=None):
            written = await write(workspace, path, content, readable=readable, limits=limits)
            created, changed = ((path,), ()) if written.created else ((), (path,))
            return EditAnswer(changed=changed, created=created, deleted=(), diff="")
        case EditBody(path=str() as path, old=str() as old, new=str() as new, content=None, diff=None):
            edited = await edit(
                workspace, path, old, new, replace_all=body.replace_all, readable=readable, limits=limits
            )
            notes = (f"Replaced {edited.replaced} times.",) if edited.replaced > 1 else ()
            return EditAnswer(changed=(path,), created=(), deleted=(), diff=edited.diff, notes=notes)
    raise ToolRefused("This edit is none.", "Send path, old and new; or path and content; or diff alone.")


@router.post("/bash", summary="Run a shell command in the workspace, in the cage and without network")
async def run_bash(body: BashBody, settings: Settings, request: Request) -> BashAnswer:
    workspace, readable = _place(settings, body)
    seconds = min(body.timeout or settings.bash_timeout_seconds, settings.bash_max_timeout_seconds)
    host = await asyncio.to_thread(probe)
    backend = choose(settings.cage_backend, host, allow_none=settings.cage_allow_none)
    with tempfile.TemporaryDirectory(prefix="wfhub-bash-", ignore_cleanup_errors=True) as scratch:
        cage = resolve_cage(
            backend=backend,
            tmp=Path(scratch),
            worktree=workspace,
            read_only=settings.shared_read_only,
            host=host,
            niceness=settings.agent_niceness,
            readable_secrets=readable,
        )
        limits = CageLimits(seconds=seconds, output_bytes=settings.bash_output_bytes)
        running = bash(workspace, body.command, cage=cage, limits=limits)
        done = await while_listening(request, running, seconds + _TO_END_SECONDS)
    return BashAnswer(**done.model_dump())


def _place(settings: AgentSettings, body: InWorkspace) -> tuple[Path, tuple[str, ...]]:
    workspace = workspace_folder(settings, body.workspace)
    return workspace, readable_secrets(settings, workspace)
