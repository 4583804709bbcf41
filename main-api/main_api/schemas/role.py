"""Roles and the principles of all of them on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from main_api.schemas.model_choice import Models
from main_api.schemas.shape import In, Out, Patch, Version
from services.roles.settings import RoleSettings

Words = Annotated[str, Field(max_length=20_000)]
Title = Annotated[str, Field(min_length=1, max_length=60, examples=["DEV"])]


class RoleOut(Out):
    """A role as new runs use it. `principles` are its own, beside those of all roles. `models` is its ordered choice;
    null: the project's, else the hub's model."""

    name: str
    version: int
    title: str
    prompt: str
    principles: str
    model: str | None
    models: Models | None
    settings: RoleSettings


class RoleVersionOut(RoleOut):
    active: bool = Field(description="Whether new runs use this version")
    created_at: datetime


class RoleIn(In):
    """A role of your own, for workflows of your own."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$", examples=["reviewer"])
    title: Title
    prompt: Words = Field(min_length=1, examples=["You review a change as its next maintainer would."])
    principles: Words = ""
    models: Models | None = None
    settings: RoleSettings = RoleSettings()


class RolePatch(Patch):
    """What is named becomes the role's next version. Runs that have begun keep theirs."""

    title: Title = ""
    prompt: Words = Field("", min_length=1, examples=["You are a careful software developer."])
    principles: Words = ""
    models: Models | None = None
    settings: RoleSettings = RoleSettings()


class RoleModelsIn(In):
    """`version` is the one you read; the choice becomes the role's next version. Null takes the choice away."""

    version: Version
    models: Models | None


class RevertIn(In):
    """`to` is the version whose words come back, as the next version."""

    version: Version
    to: Version


class FieldDiff(Out):
    """One field of two versions, as a unified diff of its lines."""

    field: str
    diff: str


class PrinciplesOut(Out):
    """What every role is told. The newest version holds."""

    version: int
    text: str
    actor: str
    created_at: datetime


class PrinciplesIn(In):
    version: Version
    text: Words = Field(examples=["- Write a test that fails before you write the code that makes it pass."])
