"""AgentSettings: what agent-api is told by its environment, read once at the entry."""

import re
import shutil
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent_api.workspace_tools.limits import ToolLimits
from services.contract.vision import VISION_MODELS, vision_models
from services.logs import Form, Level


class AgentSettings(BaseSettings):
    """Frozen; every field is an environment variable of the same name in capitals. Seconds, bytes and counts.

    agent-api is given the SHA-256 of the owner's token, never the token: what it runs cannot find the token here.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    wfhub_home: Path = Path(".wfhub")
    wfhub_token_sha256: str = Field(description="Hex SHA-256 of the owner's token")
    agent_api_host: str = "127.0.0.1"
    agent_api_port: int = Field(default=8001, ge=0, le=65535)
    agent_allowed_hosts: str = Field(default="", description="More Host names to answer to, separated by commas")
    agent_max_body_bytes: int = Field(default=40_000_000, gt=0, description="Of a request; a picture comes as base64")
    agent_body_timeout_seconds: float = Field(default=30, gt=0, description="How long a body may stand still")
    workspaces_dir: Path = Path("workspaces")
    agent_capacity: int = Field(default=4, gt=0, description="Jobs at the same time")
    log_level: Level = "info"
    log_format: Form = "json"
    agent_keep_jobs_days: float = Field(default=14, ge=0, description="Ended jobs older than this are swept")
    agent_jobs_bytes: int = Field(
        default=10 * 2**30, gt=0, description="Of all jobs on disk: the oldest ended ones go, to make room"
    )
    agent_job_bytes: int = Field(default=4 * 2**30, gt=0, description="Of one job with all it writes into its /tmp")

    cage_backend: Literal["auto", "bubblewrap", "landlock", "none"] = "auto"
    cage_allow_none: bool = Field(default=False, description="The owner's word that jobs may run without a cage")

    agent_niceness: int = Field(
        default=10, ge=0, le=19, description="How far what agents run stands back from the hub: 0 not at all"
    )
    wfhub_points: Path | None = Field(default=None, description="A folder in which tests say where to wait")

    gateway_url: str = "http://127.0.0.1:8002/gateway"
    aider_python: Path | None = Field(default=None, description="Python of Aider's own environment")
    aider_idle_seconds: float = Field(default=900, gt=0, description="How long Aider's warm parent stays without work")

    aider_run_seconds: float = Field(default=1800, gt=0, le=86_000, description="Of POST /api/aider/execute")
    git_user_name: str = Field(default="Workflow Hub", min_length=1, description="Who commits what Aider was asked to")
    git_user_email: str = Field(default="hub@wfhub.localhost", min_length=1)

    agent_run_seconds: float = Field(default=900, gt=0, le=86_000, description="Of POST /api/agent/run")
    agent_run_turns: int = Field(default=24, ge=1, le=500)
    agent_run_tokens: int = Field(default=400_000, ge=1, description="Of prompts and answers together")

    vision_models: str = Field(
        default=VISION_MODELS,
        description="Models that may be shown pictures, separated by commas; the first is the default",
    )
    vision_timeout: float = Field(default=120, gt=0, le=3600, description="Seconds for one picture")
    vision_max_bytes: int = Field(default=20_000_000, gt=0)
    vision_max_pixels: int = Field(default=50_000_000, gt=0, description="Of a picture before it is made smaller")
    vision_max_edge: int = Field(default=1024, ge=64, le=4096, description="Pixels of the longer edge that is sent")
    vision_max_images: int = Field(default=8, ge=1, le=100, description="Of one text")
    vision_cache_entries: int = Field(default=5000, ge=0)

    bash_timeout_seconds: float = Field(default=60, gt=0)
    bash_max_timeout_seconds: float = Field(default=600, gt=0)
    bash_output_bytes: int = Field(default=200_000, gt=0)
    tool_answer_characters: int = Field(default=60_000, gt=0, description="Of one grep's or read's text")
    tool_line_characters: int = Field(default=400, gt=0, description="Of a line that grep found")
    tool_file_bytes: int = Field(default=2_000_000, gt=0, description="Of a file that a tool edits or writes")
    tool_search_seconds: float = Field(default=30, gt=0)
    setup_timeout_seconds: float = Field(default=900, gt=0, description="Building a project's environment")
    setup_keep_days: float = Field(default=30, gt=0, description="Environments unused for longer go")
    setup_most_bytes: int = Field(
        default=20_000_000_000, gt=0, description="Of all environments; the longest unused go"
    )
    osv_url: str = Field(default="", description="Whom pip-audit asks, in OSV's protocol; empty: PyPI")
    audit_seconds: float = Field(default=120, gt=0, description="Of one run of pip-audit or npm audit")
    extra_read_only: str = Field(default="", description="Folders every cage may read, separated by colons")

    @field_validator("wfhub_token_sha256")
    @classmethod
    def _real_hash(cls, value: str) -> str:
        value = value.strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", value) or len(set(value)) < 6:
            raise ValueError("WFHUB_TOKEN_SHA256 must be the hex SHA-256 of the owner's token; start.sh makes it.")
        return value

    @field_validator("wfhub_home", "workspaces_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def jobs_dir(self) -> Path:
        return self.wfhub_home / "jobs"

    @property
    def envs_dir(self) -> Path:
        return self.wfhub_home / "envs"

    @property
    def tool_limits(self) -> ToolLimits:
        return ToolLimits(
            self.tool_answer_characters, self.tool_line_characters, self.tool_file_bytes, self.tool_search_seconds
        )

    @property
    def shared_read_only(self) -> tuple[Path, ...]:
        return tuple(Path(part) for part in self.extra_read_only.split(":") if part)

    @property
    def vision_allowed(self) -> tuple[str, ...]:
        return vision_models(self.vision_models)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names, without ports, that a request may name."""
        more = {name.strip().lower() for name in self.agent_allowed_hosts.split(",") if name.strip()}
        return frozenset({"localhost", "127.0.0.1", "[::1]", "agent-api"} | more)


def find_program(name: str) -> Path | None:
    """A program that came with our own environment (beside its Python), else one on PATH; None when absent."""
    beside = Path(sys.executable).parent / name
    if beside.is_file():
        return beside
    found = shutil.which(name)
    return Path(found) if found else None
