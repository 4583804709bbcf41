"""Projects on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from main_api.schemas.shape import In, Out, Patch

Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Till register"])]
Budget = Annotated[float | None, Field(ge=0, description="US dollars; null for no limit")]


class ProjectIn(In):
    """`settings` overrule what is discovered from the files: commands (test, e2e), junit, setup, setup_inputs."""

    name: Name
    workspace_path: str = Field(min_length=1, examples=["poc"], description="Absolute, or under WORKSPACES_DIR")
    key: str | None = Field(None, examples=["TILL"], description="Derived from the name when left out")
    workflow: str = "software"
    environment: str = ""
    repository_url: str | None = None
    default_branch: str | None = Field(None, description="The branch that is checked out when left out")
    settings: dict[str, Any] | None = None
    budget_usd: Budget = None
    allow_dirty: bool = Field(False, description="Take a workspace that has uncommitted changes")


class ProjectPatch(Patch):
    name: Name = ""
    environment: str = ""
    repository_url: str | None = None
    default_branch: str = Field("", min_length=1)
    settings: dict[str, Any] = Field(default_factory=dict)
    budget_usd: Budget = None
    paused: bool = False


class ProjectOut(Out):
    id: int
    key: str
    name: str
    workspace_path: str
    environment: str
    repository_url: str | None
    default_branch: str
    workflow_id: int
    settings: dict[str, Any]
    budget_usd: float | None
    paused: bool
    version: int
    created_at: datetime
    updated_at: datetime
