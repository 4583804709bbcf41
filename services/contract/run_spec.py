"""RunSpec: all that an agent needs to carry out one step of a run. It holds no key but the run's own gateway token."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, SerializationInfo, field_serializer, model_validator

ON_THE_WIRE = {"on_the_wire": True}
"""The context of the one serialization that holds secrets: of what is sent to the agent."""


class Wire(BaseModel):
    """Frozen, and strict about unknown fields: a newer caller is refused clearly, not half understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelAccess(Wire):
    """How a run reaches its model: always through the gateway.

    `gateway_url` ends at the gateway's root (`http://127.0.0.1:8002/gateway`); the OpenAI protocol is served under
    `<gateway_url>/openai/v1`. `token` is scoped to this run and step. The agent sends it as the API key with
    `.<incarnation>` appended (1 on a job's first start, one more on each restart), so that the gateway can tell a
    restarted step, which is answered from the stored answers, from a question asked twice.
    """

    gateway_url: str
    token: str
    model: str
    edit_format: Literal["whole", "diff", "udiff"] = "whole"
    context_tokens: int = Field(default=8192, gt=0)
    max_output_tokens: int = Field(default=2048, gt=0)
    temperature: float = Field(default=0.0, ge=0, le=2)


class Limits(Wire):
    """Bounds of one job. Seconds, bytes and counts; every one is a setting of the workflow's stage."""

    run_seconds: float = Field(default=1800, gt=0)
    stall_seconds: float = Field(default=300, gt=0, description="No progress for this long is a stall")
    gateway_wait_seconds: float = Field(
        default=60, ge=0, description="How long a gateway or a model's provider that is away is waited for"
    )
    output_bytes: int = Field(default=2_000_000, gt=0)
    memory_bytes: int = Field(default=4 * 2**30, gt=0)
    file_bytes: int = Field(default=2**30, gt=0, description="The largest file a caged process may write")
    processes: int = Field(default=512, gt=0)
    model_turns: int = Field(default=24, gt=0)
    model_tokens: int | None = Field(default=None, gt=0, description="Of prompts and answers together; None: no limit")


class CagePolicy(Wire):
    """What a caged process may reach. `backend` none is refused by agent-api unless its owner's setting allows it.

    `readable_secrets` are globs of paths in the worktree: what is named like a secret (`.env`, keys) and matches none
    of them is hidden from tools, commands and Aider alike. See `services/domain/secret_files.py`.
    """

    backend: Literal["auto", "bubblewrap", "landlock", "none"] = "auto"
    network: bool = False
    read_only: tuple[str, ...] = ()
    read_write: tuple[str, ...] = ()
    readable_secrets: tuple[str, ...] = ()


class CommandSettings(Wire):
    """A project's own command, run by `bash -c` in the cage. `junit` is where it leaves its report, if it does.

    `setup` builds the environment the command needs, once per content of `setup_inputs`, with the network when
    `setup_network` allows; it finds the folder to build in as `$WFHUB_ENV`, whose `bin` comes first in the command's
    PATH. `coverage` is where it leaves its coverage report (Cobertura, coverage.py's JSON, lcov); `sarif` and
    `screenshots` are globs of files that it leaves. `lint`: it is a linter, whose problems are counted.

    `env` are variables it is given. `secrets` too, by name: they are in memory alone, and in nothing that it leaves.
    `hosts` are those it may reach through a proxy (`host` or `host:port`), where its cage has no network. `facts`: it
    may leave a JSON object of texts in the file that `$WFHUB_DEPLOY_JSON` names, which is then the job's answer.
    """

    executor: Literal["command"] = "command"
    command: str
    junit: str | None = None
    coverage: str | None = None
    sarif: tuple[str, ...] = ()
    screenshots: tuple[str, ...] = ()
    lint: bool = False
    setup: str | None = None
    setup_inputs: tuple[str, ...] = ()
    setup_network: bool = True
    name: str = "command"
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    facts: bool = False

    @field_serializer("secrets", when_used="json")
    def _told_to_its_agent_alone(self, secrets: dict[str, SecretStr], info: SerializationInfo) -> dict[str, str]:
        """Whatever else is made of a spec holds stars in their place."""
        told = info.context == ON_THE_WIRE
        return {name: secret.get_secret_value() if told else str(secret) for name, secret in secrets.items()}


class AiderSettings(Wire):
    """Aider edits the worktree. `files` may be edited, `read_files` only read; paths are relative to the worktree.

    `must_change`: an edit that leaves every file as it was has failed. After a change `test` runs; while it fails, its
    output goes back to Aider, `test_rounds` times at most. Tests that fail then end the step as `tests_failed` when
    they `must_pass`; else they are told, and the stage's gate decides. `commit_message`: what was changed is committed
    on the worktree's branch; a run's own commits are made by the orchestrator, which asks for none here. `may_ask`: an
    answer in the form of services/contract/asking.py is a question to the person, and ends the step.
    """

    executor: Literal["aider"] = "aider"
    message: str
    files: tuple[str, ...] = ()
    read_files: tuple[str, ...] = ()
    must_change: bool = False
    test: CommandSettings | None = None
    test_rounds: int = Field(default=2, ge=0, le=10)
    test_seconds: float = Field(default=600, gt=0, description="The longest that one run of the tests may take")
    must_pass: bool = False
    commit_message: str | None = None
    may_ask: bool = False


class PictureRef(Wire):
    """A picture that is kept with the hub: its bytes are at `<gateway_url>/files/<sha256>`, for the run's token."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


ToolName = Literal["grep", "glob", "read", "bash", "edit", "patch", "write", "aider"]


class Making(Wire):
    """What a role may make while it works: tasks and bugs of the task's project, `most` of both in one step."""

    tasks: bool = False
    bugs: bool = False
    most: int = Field(default=5, ge=0)


class ToolsSettings(Wire):
    """A loop of a model and tools, answering one JSON value of `output_schema` (JSON Schema) or plain text.

    `resume`: when the job is started again the workspace is as it left it, so what its tools did is not done twice.
    Without it the worktree was put back to its checkpoint, and all is done again. `writes`: where tools that write may,
    tests are files that test runners take for tests. `may_ask` offers the tool `ask_person`, which ends the step with a
    question. `making` is there where the step is a task's: what the role may make, by tools of that name; a call of one
    that it may not make is refused. `pictures` go with the prompt, made small; the model has to see.
    """

    executor: Literal["tools"] = "tools"
    system: str
    prompt: str
    pictures: tuple[PictureRef, ...] = Field(default=(), max_length=100)
    tools: tuple[ToolName, ...] = ("grep", "glob", "read")
    writes: Literal["anything", "tests"] = "anything"
    resume: bool = False
    may_ask: bool = False
    making: Making | None = None
    output_schema: dict[str, Any] | None = None
    output_name: str = "answer"


ScannerName = Literal["bandit", "detect-secrets", "pip-audit", "npm-audit"]


class ScanSettings(Wire):
    """Security scanners over the worktree. What `base_worktree`, the merge base checked out, already has is not new.

    `network`: the owner lets scanners ask what is known of the versions that lock files pin; the others need none.
    """

    executor: Literal["scan"] = "scan"
    scanners: tuple[ScannerName, ...] = ("bandit", "detect-secrets")
    network: bool = False
    base_worktree: str | None = None


class VisionSettings(Wire):
    """A vision model describes `images` of the worktree and `pictures` that are kept with the hub.

    The answer is `{"images": [{"path", "description", ...}, {"name", "sha256", "description", ...}]}`. A picture of the
    hub's that can't be described has `left_out`, a sentence, in its place; an image that can't be ends the step.
    """

    executor: Literal["vision"] = "vision"
    images: tuple[str, ...] = Field(default=(), max_length=100)
    pictures: tuple[PictureRef, ...] = Field(default=(), max_length=100)
    question: str = ""

    @model_validator(mode="after")
    def _has_one(self) -> "VisionSettings":
        if not self.images and not self.pictures:
            raise ValueError("name at least one picture")
        return self


StepSettings = Annotated[
    AiderSettings | ToolsSettings | CommandSettings | ScanSettings | VisionSettings, Field(discriminator="executor")
]


class RunSpec(Wire):
    """One step of one run.

    `worktree` is absolute; `git_dir` is the hub's mirror that the worktree hangs on (read-only in the cage).
    `task_key` and `role` are for display and logs only. A job that has ended is begun anew where its incarnation is not
    above `after_incarnation`: what stopped that one was mended, and what it has paid for is not paid again.
    """

    run_id: str
    step: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    task_key: str = ""
    role: str = ""
    worktree: str
    git_dir: str | None = None
    settings: StepSettings
    model: ModelAccess | None = None
    limits: Limits = Limits()
    cage: CagePolicy = CagePolicy()
    after_incarnation: int = Field(default=0, ge=0)
