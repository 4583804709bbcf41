"""/api/config and /api/context: what this agent is set to, and what a workspace looks like."""

import asyncio
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from agent_api import atomic
from agent_api.cage.host import probe
from agent_api.confine import Workspace
from agent_api.deps import Settings, workspace_folder
from agent_api.errors import ToolRefused
from agent_api.routes.tools import InWorkspace
from agent_api.settings import AgentSettings
from agent_api.workspace_tools.glob import glob

router = APIRouter(prefix="/api", tags=["tools"])

_INSTRUCTIONS = ("AGENTS.md", "CONVENTIONS.md", "project.md")
_MOST_INSTRUCTION_BYTES = 16_384
_MOST_FILES = 5000


class Chosen(BaseModel):
    """The workspace and model that a request without its own gets; None leaves a value as it was."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    model: str | None = None


class ConfigAnswer(Chosen):
    success: Literal[True] = True
    cages: tuple[str, ...]
    capacity: int
    vision_models: tuple[str, ...]


class ContextAnswer(BaseModel):
    """`languages` counts files by suffix; `instructions` are the workspace's own words to agents, by file name."""

    success: Literal[True] = True
    workspace: str
    files: int
    truncated: bool
    top_level: tuple[str, ...]
    languages: dict[str, int]
    instructions: dict[str, str]


@router.get("/config", summary="The chosen workspace and model, and the cages that work here")
async def get_config(settings: Settings) -> ConfigAnswer:
    return _answer(settings, chosen(settings))


@router.post("/config", summary="Choose the workspace and the model")
async def set_config(body: Chosen, settings: Settings) -> ConfigAnswer:
    if body.workspace is not None:
        workspace_folder(settings, body.workspace)
    now = chosen(settings).model_copy(update=body.model_dump(exclude_none=True))
    await asyncio.to_thread(atomic.write, _file(settings), now.model_dump_json().encode())
    return _answer(settings, now)


@router.post("/context", summary="What a workspace holds: files, languages, its instructions to agents")
async def context(body: InWorkspace, settings: Settings) -> ContextAnswer:
    workspace = workspace_folder(settings, body.workspace)
    found = await glob(workspace, limit=_MOST_FILES)
    suffixes = Counter(PurePosixPath(path).suffix or "(none)" for path in found.paths)
    return ContextAnswer(
        workspace=str(workspace),
        files=len(found.paths),
        truncated=found.truncated,
        top_level=tuple(sorted({path.partition("/")[0] for path in found.paths})),
        languages=dict(suffixes.most_common(20)),
        instructions=_instructions(workspace),
    )


def _instructions(workspace: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with Workspace(workspace) as inside:
        for name in _INSTRUCTIONS:
            try:
                content, _ = inside.read_bytes(name, _MOST_INSTRUCTION_BYTES)
            except ToolRefused:
                continue  # most workspaces have none of these
            found[name] = content.decode(errors="replace")
    return found


def chosen(settings: AgentSettings) -> Chosen:
    """What a request without its own gets."""
    path = _file(settings)
    return Chosen.model_validate_json(path.read_bytes()) if path.is_file() else Chosen()


def _answer(settings: AgentSettings, now: Chosen) -> ConfigAnswer:
    host = probe()
    works = {"bubblewrap": host.bwrap is not None, "landlock": host.landlock_abi >= 4, "none": settings.cage_allow_none}
    cages = tuple(name for name, usable in works.items() if usable)
    return ConfigAnswer(
        **now.model_dump(), cages=cages, capacity=settings.agent_capacity, vision_models=settings.vision_allowed
    )


def _file(settings: AgentSettings) -> Path:
    return settings.wfhub_home / "agent-config.json"
