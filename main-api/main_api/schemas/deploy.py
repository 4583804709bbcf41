"""Deploys and stored credentials, on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, SecretStr

from main_api.schemas.shape import In, Out

State = Literal["queued", "running", "passed", "failed", "interrupted", "cancelled", "skipped"]
NAME = r"^[^/\s][^/]{0,99}$"


class DeployOut(Out):
    """Interrupted: it was cut off in the middle, and nobody knows what it did. Skipped: another deploy has its commit.

    `waits`: it waits for your word (POST /deploys/{id}/decision).
    """

    id: int
    project_id: int
    task_id: int | None = Field(description="Whose merge it follows; null where a person asked for it")
    run_id: str = Field(description="Its output is that run's: GET /runs/{id}/output")
    asked_by: str
    state: State
    commit: str | None
    exit_code: int | None
    sentence: str = Field(examples=["deploy ended with exit code 3."])
    facts: dict[str, Any] = Field(
        description="What the command told of what it deployed", examples=[{"url": "http://x/"}]
    )
    seconds: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    decision: Literal["again", "send_back", "accept"] | None
    decided_by: str | None
    decided_at: datetime | None
    note: str
    waits: bool


class DeployDetail(DeployOut):
    """`log_end` is the end of the log, whole in the proof `log_proof_id`; null while it runs."""

    command: str
    granted: list[str] = Field(examples=[["It may write /srv/site."]])
    log_end: str | None
    log_proof_id: int | None
    can_send_back: bool = Field(description="It follows a task, which can go back")


class DeployDecision(In):
    """`again`: deploy once more. `send_back`: its task goes back, with the log's end. `accept`: that counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "again"}]})

    decision: Literal["again", "send_back", "accept"]
    note: str = Field("", max_length=5_000)


class CredentialIn(In):
    """`provider` and `label` are its name (`site/token`); the value is encrypted, and never shown again."""

    provider: Annotated[str, Field(pattern=NAME, examples=["site"])]
    label: Annotated[str, Field(pattern=r"^[^/]{1,200}$", examples=["token"])]
    value: SecretStr = Field(min_length=1, max_length=65_536, examples=["what the site's owner was given"])


class CredentialOut(Out):
    """All that is ever told of one. `used_at` null: never."""

    id: int
    provider: str
    label: str
    created_at: datetime
    used_at: datetime | None
