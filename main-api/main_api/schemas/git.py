"""How the repositories stand, on the wire."""

from pydantic import Field

from main_api.schemas.shape import Out


class BranchOut(Out):
    """A branch of the hub's mirror. `ahead` and `behind` count commits against the project's branch."""

    name: str = Field(examples=["wfhub/POC-12"])
    head: str
    ahead: int | None
    behind: int | None


class WorktreeOut(Out):
    """A task's worktree. `dirty_count` is null with `complaint` where git could not tell."""

    task_key: str = Field(examples=["POC-12"])
    path: str
    branch: str | None
    head: str | None
    dirty_count: int | None
    complaint: str


class GitFault(Out):
    """Why git could not tell of a project."""

    code: str = Field(examples=["workspace_missing"])
    sentence: str
    way_out: str


class GitStatusOut(Out):
    """A project's workspace as its owner has it, and what the hub keeps beside it.

    `ahead` and `behind` are against `upstream`, what the checked-out branch follows elsewhere. `target` is the commit
    of `default_branch` that the hub has seen. Where `fault` is set, the rest is empty.
    """

    project_id: int
    key: str
    name: str
    workspace_path: str
    default_branch: str
    sentence: str = Field(examples=["On main, with 2 files not committed."])
    branch: str | None = None
    head: str | None = None
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None
    dirty_count: int = 0
    dirty: list[str] = Field([], description="The first 100 of them, changed files before new ones")
    target: str | None = None
    branches: list[BranchOut] = Field([], description="The hub's branches, the 50 newest")
    branch_count: int = 0
    notes: list[str] = Field(
        [],
        description="What is out of the ordinary in the repository, and what the hub does about it",
        examples=[["It is a shallow clone. Work and merges go as ever; older history is not there to look at."]],
    )
    worktrees: list[WorktreeOut] = Field([], description="Those of tasks, at most 50")
    fault: GitFault | None = None
