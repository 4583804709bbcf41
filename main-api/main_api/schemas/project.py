"""Projects on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from main_api.schemas.shape import MAX_ID, In, Out, Patch, Version
from services.repos.methods import MergeMethod

Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Till register"])]
Budget = Annotated[float | None, Field(ge=0, le=1e12, description="US dollars; null for no limit")]
Environment = Annotated[str, Field(max_length=5_000, description="What agents are told of where it runs")]
Address = Annotated[str | None, Field(max_length=2_000, examples=["https://git.example/till.git"])]
Branch = Annotated[str, Field(min_length=1, max_length=240, examples=["main"])]
Method = Annotated[
    MergeMethod,
    Field(
        description="How an approved change comes to the default branch: `merge` (by a merge commit), `squash` (as one "
        "commit) or `rebase` (its commits one by one)",
        examples=["squash"],
    ),
]


class ProjectIn(In):
    """`settings` overrule what is discovered from the files: commands (test, e2e), junit, setup, setup_inputs.

    Its `models` are ordered choices by role, and `default`: `{"dev": ["anthropic/claude-haiku-4-5", "ollama/qwen3"]}`.
    """

    name: Name
    workspace_path: str = Field(
        min_length=1, max_length=4_000, examples=["poc"], description="Absolute, or under WORKSPACES_DIR"
    )
    key: str | None = Field(None, max_length=20, examples=["TILL"], description="Derived from the name when left out")
    workflow: str = Field("software", max_length=50)
    environment: Environment = ""
    repository_url: Address = None
    default_branch: Branch | None = Field(None, description="The branch that is checked out when left out")
    merge_method: Method = "merge"
    settings: dict[str, Any] | None = None
    budget_usd: Budget = None
    run_budget_usd: Budget = None
    allow_dirty: bool = Field(False, description="Take a workspace that has uncommitted changes")


class ProjectPatch(Patch):
    """`settings` are merged into what is there: `{"commands": {"test": "make check"}}` corrects the one command, a null
    takes a name away."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 1, "name": "Till register", "workflow": "software"}]}
    )

    name: Name = ""
    environment: Environment = ""
    repository_url: Address = None
    default_branch: Branch = "main"
    merge_method: Method = "merge"
    settings: dict[str, Any] = Field(default_factory=dict)
    budget_usd: Budget = None
    run_budget_usd: Budget = None
    paused: bool = False
    workflow: str = Field(
        "software", min_length=1, max_length=100, examples=["quickfix"],
        description="What new tasks go through; open ones keep theirs",
    )  # fmt: skip
    workflow_version: int | None = Field(None, ge=1, le=MAX_ID, description="The newest when left out")
    workflow_file: str = Field(
        "", min_length=1, max_length=500, examples=[".wfhub/workflow.yaml"],
        description="Take the project's own workflow from this file of its workspace, as it stands there now",
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_workflow(self) -> "ProjectPatch":
        given = self.model_fields_set
        if "workflow_file" in given and given & {"workflow", "workflow_version"}:
            raise ValueError("name a workflow or a workflow_file, not both")
        if "workflow_version" in given and "workflow" not in given:
            raise ValueError("name the workflow whose version is meant")
        return self


class DiscoverIn(In):
    """`recipe`: replace the commands and the setup too; else only what has none yet is filled in."""

    version: Version
    recipe: bool = False


class ProjectOut(Out):
    id: int
    key: str
    name: str
    workspace_path: str
    environment: str
    repository_url: str | None
    default_branch: str
    merge_method: MergeMethod
    workflow_id: int
    settings: dict[str, Any]
    budget_usd: float | None
    run_budget_usd: float | None = Field(description="What one run may cost; null: RUN_BUDGET_USD")
    paused: bool
    paused_at: datetime | None
    paused_by: str | None
    archived_at: datetime | None = Field(description="Out of sight and paused since then; null: at work")
    version: int
    created_at: datetime
    updated_at: datetime


class ProjectEdited(ProjectOut):
    """`notice` says what a changed workflow means for its tasks; null where it did not change."""

    notice: str | None
