"""Asana's workspaces, projects, tasks, stories and attachments in the hub's words."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from services.trackers.asana.client import AsanaClient
from services.trackers.errors import TrackerError, TrackerUnreachable
from services.trackers.facts import (
    OutsideComment,
    OutsideField,
    OutsideFile,
    OutsideProject,
    OutsideTask,
    OutsideUser,
    Page,
)
from services.trackers.provider import Write

TASK = ",".join(
    ["name", "notes", "permalink_url", "completed", "resource_subtype", "parent.gid", "dependencies.gid",
     "num_subtasks", "assignee.name", "due_on", "due_at", "tags.name", "modified_at", "memberships.project.gid",
     "memberships.section.name", "custom_fields.name", "custom_fields.display_value"]
)  # fmt: skip
PROJECT = "name,permalink_url,archived"
STORY = "text,type,resource_subtype,created_at,created_by.name"
ATTACHMENT = "name,size,host,resource_subtype,view_url,permanent_url"


class Asana:
    """Implements `Tracker`. Fields are asked for by name: without `opt_fields` Asana answers names alone."""

    def __init__(self, client: AsanaClient) -> None:
        self._client = client

    async def whoami(self) -> OutsideUser:
        me = await self._client.get("/users/me", opt_fields="name,email")
        return OutsideUser(id=_id(me), name=_text(me, "name"), email=_text(me, "email"))

    async def projects(self) -> AsyncIterator[OutsideProject]:
        async for space in self._client.all("/workspaces", opt_fields="name"):
            path = f"/workspaces/{_id(space)}/projects"
            async for row in self._client.all(path, opt_fields=PROJECT):
                yield OutsideProject(
                    id=_id(row), name=_text(row, "name"), space=_text(space, "name"), url=_text(row, "permalink_url"),
                    archived=row.get("archived") is True,
                )  # fmt: skip

    async def tasks(self, project: str, after: str | None, most: int) -> Page[OutsideTask]:
        rows, following = await self._client.page(f"/projects/{_safe(project)}/tasks", after, most, opt_fields=TASK)
        # a section was once a task whose name ends with a colon, and is still told as one
        return Page(tuple(_task(row, project) for row in rows if row.get("resource_subtype") != "section"), following)

    async def task(self, id: str) -> OutsideTask:
        return _task(await self._client.get(f"/tasks/{_safe(id)}", opt_fields=TASK))

    async def subtasks(self, id: str) -> AsyncIterator[OutsideTask]:
        async for row in self._client.all(f"/tasks/{_safe(id)}/subtasks", opt_fields=TASK):
            if row.get("resource_subtype") != "section":
                yield _task(row)

    async def comments(self, id: str) -> AsyncIterator[OutsideComment]:
        async for row in self._client.all(f"/tasks/{_safe(id)}/stories", opt_fields=STORY):
            if row.get("type") == "comment":
                yield OutsideComment(
                    id=_id(row), author=_text(row.get("created_by") or {}, "name"), text=_text(row, "text"),
                    said_at=_moment(row.get("created_at")),
                )  # fmt: skip

    async def files(self, id: str) -> AsyncIterator[OutsideFile]:
        async for row in self._client.all("/attachments", parent=_safe(id), opt_fields=ATTACHMENT):
            size = row.get("size")
            yield OutsideFile(
                id=_id(row), name=_text(row, "name"), size=size if isinstance(size, int) else None,
                url=_text(row, "view_url") or _text(row, "permanent_url"), kept_there=row.get("host") == "asana",
            )  # fmt: skip

    async def download(self, file: OutsideFile, write: Write) -> None:
        """Asked for anew: the address that Asana gives lives for two minutes."""
        told = await self._client.get(f"/attachments/{_safe(file.id)}", opt_fields="download_url")
        address = _text(told, "download_url")
        if not address:
            raise TrackerError(f"Asana gives no way to fetch {file.name!r}.", "Fetch it there.", provider="asana")
        await self._client.download(address, write)

    async def close(self) -> None:
        await self._client.close()


def _task(row: Mapping[str, Any], project: str | None = None) -> OutsideTask:
    subtasks, parent = row.get("num_subtasks"), row.get("parent") or {}
    return OutsideTask(
        id=_id(row),
        title=_text(row, "name"),
        text=_text(row, "notes"),
        url=_text(row, "permalink_url"),
        state=_section(row, project),
        done=row.get("completed") is True,
        parent=parent.get("gid"),
        blocked_by=tuple(_id(one) for one in row.get("dependencies") or ()),
        assignee=_text(row.get("assignee") or {}, "name"),
        due=_text(row, "due_on"),
        tags=tuple(_text(one, "name") for one in row.get("tags") or ()),
        fields=tuple(_fields(row)),
        subtasks=subtasks if isinstance(subtasks, int) else None,
        changed_at=_moment(row.get("modified_at")),
    )


def _section(row: Mapping[str, Any], project: str | None) -> str:
    """The column it stands in: that of this project, as a task can be in several."""
    memberships = row.get("memberships") or ()
    mine = [one for one in memberships if project is None or (one.get("project") or {}).get("gid") == project]
    return _text((mine[0].get("section") or {}) if mine else {}, "name")


def _fields(row: Mapping[str, Any]) -> list[OutsideField]:
    told = [(_text(one, "name"), one.get("display_value")) for one in row.get("custom_fields") or ()]
    return [OutsideField(name, str(value)) for name, value in told if name and value not in (None, "")]


def _id(row: Mapping[str, Any]) -> str:
    found = row.get("gid")
    if not isinstance(found, str) or not found:
        raise TrackerUnreachable("Asana's answer can't be read: a gid is missing.", "Try again.", provider="asana")
    return found


def _safe(id: str) -> str:
    """Ids come back from the caller: one that is none must not become another address."""
    if not id.isascii() or not id.isalnum():
        raise TrackerError(f"{id[:60]!r} is no id of Asana's.", "Take one that a list answered.", provider="asana")
    return id


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
