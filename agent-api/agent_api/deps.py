"""What routes are given."""

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from agent_api.chosen import load
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.jobs import JobBoard
from agent_api.settings import AgentSettings


def _board(request: Request) -> JobBoard:
    return request.app.state.board


def _settings(request: Request) -> AgentSettings:
    return request.app.state.settings


Board = Annotated[JobBoard, Depends(_board)]
Settings = Annotated[AgentSettings, Depends(_settings)]


def workspace_folder(settings: AgentSettings, named: str | None) -> Path:
    """The folder that a tool's body names: absolute, or under WORKSPACES_DIR; unnamed, the one of /api/config.

    Raises ToolRefused when it is no folder, OutsideWorkspace when it holds the hub's own data (its jobs, keys and
    database) or a relative name leads out of WORKSPACES_DIR.
    """
    named = named or load(settings).workspace
    if not named:
        raise ToolRefused("No workspace is named, and none is chosen.", "Send one, or choose it with POST /api/config.")
    try:
        return _folder(settings, named)
    except (OSError, ValueError) as error:  # too long, a NUL character, a circle of symlinks
        raise ToolRefused(f"The workspace {named[:200]!r} is no path on this machine.") from error


def _folder(settings: AgentSettings, named: str) -> Path:
    folder = Path(named)
    if not folder.is_absolute():
        folder = (settings.workspaces_dir / folder).resolve()
        if not folder.is_relative_to(settings.workspaces_dir.resolve()):
            raise OutsideWorkspace(f"{named} leads out of {settings.workspaces_dir}.", "Give an absolute path.")
    folder = folder.resolve()
    if not folder.is_dir():
        raise ToolRefused(f"The workspace {folder} is not a folder on this machine.")
    home = settings.wfhub_home.resolve()
    if home.is_relative_to(folder):
        raise OutsideWorkspace(f"The workspace {folder} holds the hub's own data.", "Name a folder below it.")
    if folder.is_relative_to(home) and not folder.is_relative_to(home / "worktrees"):
        raise OutsideWorkspace(f"The workspace {folder} is the hub's own data.", "Name a project's folder.")
    return folder
