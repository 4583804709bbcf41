"""How a person is told of what waits, on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from main_api.schemas.shape import Out, Patch

Argument = Annotated[str, Field(max_length=4_000)]


class NoticeSettingsOut(Out):
    """`kinds` empty: all. The webhook's secret is never told; `has_secret` says whether there is one."""

    webhook_url: str
    has_secret: bool
    command: list[str]
    kinds: list[str]
    enabled: bool
    version: int


class NoticeSettingsPatch(Patch):
    """`webhook_url` empty and `command` `[]` switch those off. `secret` is written only; null takes it away."""

    webhook_url: str = Field("", max_length=2_000, examples=["https://phone.example/ring"])
    secret: SecretStr | None = Field(None, max_length=500, examples=["whsec_c2VjcmV0IG9mIHRoZSBwaG9uZSwgMzIgYnl0ZXM="])
    command: list[Argument] = Field([], max_length=64, examples=[["/usr/local/bin/ring", "-v"]])
    kinds: list[str] = Field([], max_length=20, examples=[["approval", "question"]])
    enabled: bool = True


class NoticeOut(Out):
    """One item told by one channel. `state` is queued, sent, failed (its tries are used up) or dropped."""

    id: int
    item: str = Field(examples=["approval:12"])
    channel: str
    task_id: int | None
    state: str
    attempts: int
    next_at: datetime | None
    sentence: str
    created_at: datetime
    finished_at: datetime | None


class ToldOut(Out):
    """What became of a test."""

    channel: str
    done: bool
    sentence: str
    milliseconds: float
