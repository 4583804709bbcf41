"""Attachments on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, computed_field

from main_api.schemas.shape import In, Out, Patch
from services.files.names import LONGEST_NAME, PICTURES

Words = Annotated[str, Field(max_length=2000, examples=["The till after the refund"])]
_FILE = {"type": "string", "format": "binary", "description": "The file, with its name"}


class AttachmentFields(In):
    """What the form of an upload may say besides the file."""

    description: Words = ""


class AttachmentPatch(Patch):
    name: str = Field("", min_length=1, max_length=LONGEST_NAME, examples=["receipt.png"])
    description: Words = ""


class AttachmentOut(Out):
    """A file on a task, a request, a comment or a bug: one of the four ids is set.

    `media_type` is told from the file's first bytes where they tell. The bytes are at `/attachments/{id}/download`;
    a `picture` also has `/attachments/{id}/thumbnail`.
    """

    id: int
    project_id: int | None
    task_id: int | None
    request_id: int | None
    comment_id: int | None
    bug_id: int | None
    name: str
    description: str
    sha256: str
    size: int
    media_type: str
    created_by: str
    version: int
    created_at: datetime
    updated_at: datetime

    @computed_field
    @property
    def picture(self) -> bool:
        return self.media_type in PICTURES


def form(fields: type[In], example: dict[str, Any], *, many: bool = False) -> dict[str, Any]:
    """The `openapi_extra` of an upload, whose body is read as it comes and not by the framework. `many`: the part
    `file` may come several times."""
    schema = fields.model_json_schema()
    described = {
        "type": "object",
        "properties": {"file": {"type": "array", "items": _FILE} if many else _FILE, **schema["properties"]},
        "required": ["file", *schema.get("required", [])],
    }
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": described, "example": example}}}
    }
