"""Signing in on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from main_api.schemas.shape import In, Out


class LoginIn(In):
    token: str = Field(
        min_length=1, max_length=500, description="WFHUB_TOKEN from .env", examples=["Zk3vRr0hJ2m9Qw8sXb71LtYc"]
    )


class LoginLinkOut(Out):
    """A link that signs one browser in, once, before `expires_at`."""

    url: str = Field(examples=["http://127.0.0.1:8002/login?code=Jt0vWmGqkR1x"])
    expires_at: datetime


class HubFacts(Out):
    """What the page says of the hub. `scripted_model`: a project here plays a script instead of asking an AI."""

    version: str
    scripted_model: bool


class BrowserSessionOut(Out):
    """A browser that is signed in. `last_seen_at` is up to a minute behind after a restart."""

    id: int
    since: datetime
    expires_at: datetime
    last_seen_at: datetime | None
    opened_with: Literal["link", "token"]
    browser: str = Field(description="In words, as its User-Agent says", examples=["Firefox on Linux"])
    user_agent: str
    current: bool = Field(description="The one that asks")


class EndedOut(Out):
    """How many were signed out."""

    ended: int = Field(examples=[2])


class SessionOut(Out):
    """Who is signed in. Both times are null for a caller that comes with the owner's token."""

    since: datetime | None
    expires_at: datetime | None
    hub: HubFacts
