"""Bugs on the wire."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from main_api.schemas.shape import Id, In, Out, Patch
from services.files.names import PICTURES, media_type

Title = Annotated[str, Field(min_length=1, max_length=300, examples=["The total is wrong after a refund"])]
Description = Annotated[str, Field(max_length=20_000, examples=["Refund one of two, then look at the receipt."])]
Severity = Literal["critical", "high", "medium", "low"]
State = Literal["open", "accepted", "fixed", "closed"]
MOST_DETAILS = 20_000  # characters


class BugIn(In):
    """`project_id` is left out for a bug of the hub itself. `make` makes work of it at once."""

    title: Title
    description: Description = ""
    project_id: Id | None = None
    severity: Severity = "medium"
    page: str = Field("", max_length=2000, examples=["/chat.html?task=7"], description="Where it was seen")
    browser: str = Field("", max_length=500, examples=["Firefox 151 on Linux"])
    details: dict[str, Any] = Field({}, examples=[{"viewport": "390x844"}], description="What else the page knows")
    screenshot: str | None = Field(
        None,
        description="A data URL with a PNG, JPEG, GIF or WebP",
        examples=["data:image/gif;base64,R0lGODlhAQABAAAAADs="],
    )
    make: Literal["task", "request"] | None = None

    @field_validator("details")
    @classmethod
    def _not_too_much(cls, details: dict[str, Any]) -> dict[str, Any]:
        if len(str(details)) > MOST_DETAILS:
            raise ValueError(f"{MOST_DETAILS} characters are the most")
        return details

    @field_validator("screenshot")
    @classmethod
    def _a_picture(cls, value: str | None) -> str | None:
        if value is not None and media_type(_bytes_of(value), "", "") not in PICTURES:
            raise ValueError("it holds no PNG, JPEG, GIF or WebP")
        return value

    def picture(self) -> bytes | None:
        return None if self.screenshot is None else _bytes_of(self.screenshot)


def _bytes_of(url: str) -> bytes:
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:image/") and head.endswith(";base64")):
        raise ValueError("it is no data URL of a picture: data:image/png;base64,...")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("its base64 can't be read") from error


class BugPatch(Patch):
    title: Title = ""
    description: Description = ""
    project_id: Id | None = None
    severity: Severity = "medium"
    state: State = "open"


class BugWorkIn(In):
    project_id: Id | None = Field(None, description="The bug's own project when left out")


class BugOut(Out):
    """`task_id` or `request_id` is the work that was made of it; its screenshots are its attachments."""

    id: int
    project_id: int | None
    task_id: int | None
    request_id: int | None
    title: str
    description: str
    severity: str
    state: str
    page: str
    browser: str
    details: dict[str, Any]
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime
