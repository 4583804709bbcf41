"""/api/config and /api/context: what this agent is set to, and what a workspace looks like."""

import asyncio
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Literal

from fastapi import APIRouter

from agent_api.cage.host import probe
from agent_api.chosen import Chosen, load, save
from agent_api.confine import Workspace
from agent_api.deps import Settings, workspace_folder
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.routes.tools import Answer, InWorkspace
from agent_api.settings import AgentSettings
from agent_api.workspace_tools.glob import glob

router = APIRouter(prefix="/api", tags=["tools"])

_INSTRUCTIONS = ("AGENTS.md", "CONVENTIONS.md", "project.md")
_MOST_INSTRUCTION_BYTES = 16_384
_MOST_FILES = 5000


class ConfigAnswer(Chosen):
    """What was chosen, the cages that work on this host, and how many jobs run at once."""

    success: Literal[True] = True
    cages: tuple[str, ...]
    capacity: int
    vision_models: tuple[str, ...]


class ContextAnswer(Answer):
    """`languages` counts files by suffix; `instructions` are the workspace's own words to agents, by file name.

    `truncated` when there are more files than were counted, or an instruction is cut, as `notes` then say.
    """

    workspace: str
    files: int
    truncated: bool
    top_level: tuple[str, ...]
    languages: dict[str, int]
    instructions: dict[str, str]
    notes: tuple[str, ...]


@router.get("/config", summary="The chosen workspace and models, what is allowed, and the cages that work here")
async def get_config(settings: Settings) -> ConfigAnswer:
    return await _answer(settings, load(settings))


@router.post("/config", summary="Choose; fields that are not sent stay as they are, and null takes a choice back")
async def set_config(body: Chosen, settings: Settings) -> ConfigAnswer:
    for named in (body.workspace, *body.readable_secrets):
        if named is not None:
            workspace_folder(settings, named)
    return await _answer(settings, save(settings, body))


@router.post("/context", summary="What a workspace holds: files, languages, its instructions to agents")
async def context(body: InWorkspace, settings: Settings) -> ContextAnswer:
    workspace = workspace_folder(settings, body.workspace)
    found = await glob(workspace, limit=_MOST_FILES, limits=settings.tool_limits)
    suffixes = Counter(PurePosixPath(path).suffix or "(none)" for path in found.paths)
    instructions, cut = await asyncio.to_thread(_instructions, workspace)
    return ContextAnswer(
        workspace=str(workspace),
        files=len(found.paths),
        truncated=found.truncated or bool(cut),
        top_level=tuple(sorted({path.partition("/")[0] for path in found.paths})),
        languages=dict(suffixes.most_common(20)),
        instructions=instructions,
        notes=(*found.notes, *cut),
    )


def _instructions(workspace: Path) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    notes: list[str] = []
    with Workspace(workspace) as inside:
        for name in _INSTRUCTIONS:
            try:
                content, size = inside.read_bytes(name, _MOST_INSTRUCTION_BYTES)
            except (ToolRefused, OutsideWorkspace) as refused:
                if inside.exists(name):  # most workspaces have none of these
                    notes.append(refused.sentence)
                continue
            found[name] = content.decode(errors="replace")
            if size > len(content):
                notes.append(f"{name} is cut to its first {len(content)} of {size} bytes.")
    return found, notes


async def _answer(settings: AgentSettings, chosen: Chosen) -> ConfigAnswer:
    host = await asyncio.to_thread(probe)
    works = {"bubblewrap": host.bwrap is not None, "landlock": host.landlock_abi >= 4, "none": settings.cage_allow_none}
    cages = tuple(name for name, usable in works.items() if usable)
    return ConfigAnswer(
        **chosen.model_dump(), cages=cages, capacity=settings.agent_capacity, vision_models=settings.vision_allowed
    )
