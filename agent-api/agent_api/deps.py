"""What routes are given."""

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.jobs import JobBoard
from agent_api.settings import AgentSettings


def _board(request: Request) -> JobBoard:
    return request.app.state.board


def _settings(request: Request) -> AgentSettings:
    return request.app.state.settings


Board = Annotated[JobBoard, Depends(_board)]
Settings = Annotated[AgentSettings, Depends(_settings)]


def workspace_folder(settings: AgentSettings, named: str) -> Path:
    """The folder that a tool's body names: absolute, or under WORKSPACES_DIR.

    Raises ToolRefused when it is no folder, OutsideWorkspace when it holds the hub's own data (its jobs, keys and
    database) or a relative name leads out of WORKSPACES_DIR.
    """
    folder = Path(named)
    if not folder.is_absolute():
        folder = (settings.workspaces_dir / folder).resolve()
        if not folder.is_relative_to(settings.workspaces_dir.resolve()):
            raise OutsideWorkspace(f"{named} leads out of {settings.workspaces_dir}.", "Give an absolute path.")
    folder = folder.resolve()
    if not folder.is_dir():
        raise ToolRefused(f"The workspace {folder} is not a folder on this machine.")
    if settings.wfhub_home.resolve().is_relative_to(folder):
        raise OutsideWorkspace(f"The workspace {folder} holds the hub's own data.", "Name a folder below it.")
    return folder
