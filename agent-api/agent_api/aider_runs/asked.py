"""What `POST /api/aider/execute` is asked, and the job that it becomes."""

import uuid
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent_api.direct import cage_of
from agent_api.errors import ToolRefused
from agent_api.settings import AgentSettings
from services.contract.direct_call import DirectCall
from services.contract.run_spec import AiderSettings, CommandSettings, Limits, RunSpec

STEP = "aider"
GUIDES = ("AGENTS.md", "CONVENTIONS.md")
SUBJECT = 72  # characters of a commit's first line


class AiderBody(BaseModel):
    """`workspace` is absolute, or under WORKSPACES_DIR; other paths are relative to it.

    `files` are what Aider begins with; it may make others, and see others that it names. `read_files`, and the
    workspace's own AGENTS.md and CONVENTIONS.md, are shown and not written. `test`: true for the test command of the
    project that stands on the workspace, or a command of your own; while it fails its output goes back to Aider,
    `test_rounds` times at most. `id` names the piece of work: sent again, it tells how that ended, or does it where it
    was interrupted. `detached`: it goes on when the caller goes away.
    """

    model_config = ConfigDict(extra="forbid")

    workspace: str = Field(min_length=1, max_length=4096, examples=["poc"])
    message: str = Field(min_length=1, max_length=200_000, examples=["Add a docstring to hello()."])
    files: tuple[str, ...] = Field(default=(), max_length=500, examples=[["hello.py"]])
    read_files: tuple[str, ...] = Field(default=(), max_length=500)
    model: str | None = Field(default=None, min_length=1, max_length=200, examples=["ollama/qwen2.5-coder:1.5b"])
    edit_format: Literal["whole", "diff", "udiff"] | None = Field(
        default=None, description="How the model writes edits; by default what suits it, by its profile"
    )
    test: bool | str = Field(default=False, examples=["python -m pytest -q"])
    test_rounds: int = Field(default=2, ge=0, le=10)
    commit: bool = Field(default=False, description="Commit what was changed, and only that, on the branch that is out")
    commit_message: str | None = Field(default=None, max_length=10_000)
    allow_no_change: bool = Field(default=False, description="An answer that changes no file is then no failure")
    seconds: float | None = Field(default=None, gt=0, le=86_000, description="The longest it may take")
    id: str = Field(
        default_factory=lambda: uuid.uuid4().hex[:16],
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,25}$",
        examples=["docstring-1"],
    )
    detached: bool = False

    @property
    def run_id(self) -> str:
        """The job's; a direct call's name too."""
        return run_id_of(self.id)

    def limits(self, settings: AgentSettings) -> Limits:
        seconds = self.seconds or settings.aider_run_seconds
        return Limits(run_seconds=seconds, stall_seconds=seconds)  # a model on a small machine is silent for minutes

    def aider_settings(self, workspace: Path, project: dict[str, Any]) -> AiderSettings:
        """`project` are the settings of the project on this workspace. Raises ToolRefused without a test command."""
        guides = tuple(name for name in GUIDES if name not in self.files and (workspace / name).is_file())
        message = self.commit_message or f"{self.message.strip().splitlines()[0][:SUBJECT]}"
        return AiderSettings(
            message=self.message,
            files=self.files,
            read_files=tuple(dict.fromkeys((*self.read_files, *guides))),
            must_change=not self.allow_no_change,
            test=self._test(project),
            test_rounds=self.test_rounds,
            must_pass=True,
            commit_message=message if self.commit else None,
        )

    def spec(self, workspace: Path, settings: AgentSettings, call: DirectCall) -> RunSpec:
        model = (
            call.model if self.edit_format is None else call.model.model_copy(update={"edit_format": self.edit_format})
        )
        return RunSpec(
            run_id=self.run_id,
            step=STEP,
            worktree=str(workspace),
            settings=self.aider_settings(workspace, call.settings),
            model=model,
            limits=self.limits(settings),
            cage=cage_of(settings, workspace, call),
        )

    def _test(self, project: dict[str, Any]) -> CommandSettings | None:
        if self.test is False or self.test == "":
            return None
        command = project.get("commands", {}).get("test") if self.test is True else str(self.test)
        if not command:
            raise ToolRefused(
                "No project with a test command stands on this workspace.",
                'Name the command: "test": "python -m pytest -q", or set commands.test of the project.',
            )
        return CommandSettings(
            command=command,
            junit=project.get("junit") if self.test is True else None,
            setup=project.get("setup"),
            setup_inputs=tuple(project.get("setup_inputs", ())),
            setup_network=project.get("setup_network", True),
            name="tests",
        )


def run_id_of(name: str) -> str:
    return f"aider-{name}"
