"""Outside trackers and imports, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, SecretStr

from main_api.schemas.shape import Id, In, Out

OutsideId = Annotated[str, Field(min_length=1, max_length=200, examples=["1204619611402340"], description="Their id")]
Verdict = Literal["new", "update", "same", "differs", "deleted"]


class TrackerOut(Out):
    """`available`: the hub speaks with it. `sign_in` says how one gets its token."""

    name: str
    title: str
    available: bool
    sentence: str
    sign_in: str


class TrackerCredentialIn(In):
    """Tested before it is stored, encrypted, and never shown again."""

    provider: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,49}$", examples=["made_up"])]
    label: Annotated[str, Field(pattern=r"^[^/]{1,200}$", examples=["mine"])]
    token: SecretStr = Field(min_length=1, max_length=10_000, examples=["try"])


class TrackerTokenIn(In):
    """The new token of a credential that there is. Tested before it is stored."""

    token: SecretStr = Field(min_length=1, max_length=10_000, examples=["try"])


class AccountOut(Out):
    """Whose the token is, as the tracker says."""

    name: str
    email: str


class TrackerCredentialOut(Out):
    id: int
    provider: str
    label: str
    created_at: datetime
    used_at: datetime | None


class SignedInOut(TrackerCredentialOut):
    """With whose it is, as the tracker says."""

    account_name: str
    account_email: str


class OutsideProjectOut(Out):
    """`space` is what it lies in there: a workspace, an organisation."""

    id: str
    name: str
    space: str
    url: str
    archived: bool


class MappingIn(In):
    credential_id: Id
    external_id: OutsideId
    project_id: Id


class MappingOut(Out):
    """`credential_id` null: it was deleted, and nothing comes any more until one signs in and ties it anew."""

    id: int
    provider: str
    credential_id: int | None
    project_id: int
    external_id: str
    name: str
    url: str
    created_at: datetime


class DifferenceOut(Out):
    """A field that both sides changed since the last import: yours stays."""

    field: str
    theirs: str
    ours: str


class ItemOut(Out):
    """What became of a task, or would. `differs` by itself: nothing is written, as you changed the same fields.
    `deleted`: you deleted what was imported, and it stays away."""

    external_id: str
    title: str
    verdict: Verdict
    url: str
    done: bool = Field(description="It is done there")
    parent: str | None
    subtasks: int | None = Field(description="How many it has there; null where the tracker does not say")
    task_id: int | None
    key: str | None
    differs: list[DifferenceOut]


class OutsideTasksOut(Out):
    """`next` is for `after`; null: that was all."""

    tasks: list[ItemOut]
    next: str | None


class ImportIn(In):
    """`preview`: answers what would be made, and makes nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mapping_id": 1, "tasks": ["1204619611402340"]}]})

    mapping_id: Id
    tasks: list[OutsideId] = Field(min_length=1, max_length=10_000)
    subtasks: bool = True
    comments: bool = True
    files: bool = True
    preview: bool = False


class ImportNote(Out):
    external_id: str
    sentence: str


class ImportFault(Out):
    code: str
    sentence: str
    way_out: str


class ImportOut(Out):
    """`total` null until all subtasks are known. `notes` say what did not come along, and why. A preview has no id."""

    id: int | None
    mapping_id: int
    state: Literal["preview", "running", "done", "failed", "cancelled"]
    total: int | None
    items: list[ItemOut]
    comments: int
    files: int
    notes: list[ImportNote]
    fault: ImportFault | None
    began_at: datetime | None
    finished_at: datetime | None
