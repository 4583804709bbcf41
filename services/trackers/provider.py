"""What the hub asks of a tracker, whichever it is.

Ids and page tokens are opaque, so that each way to page fits: Asana's offset token, Jira's nextPageToken, Linear's
cursor, the number in GitHub's Link header. A state is told twice, by its own name and by what it means (`done`), as
Jira's and Linear's differ from project to project. A list is asked for page by page, so that memory stays flat.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from services.trackers.facts import OutsideComment, OutsideFile, OutsideProject, OutsideTask, OutsideUser, Page

Write = Callable[[bytes], Awaitable[None]]


class Tracker(Protocol):
    """One person's eyes on one tracker. Every call raises TrackerError."""

    async def whoami(self) -> OutsideUser:
        """Whose credential it is; the cheapest question that needs one."""
        ...

    def projects(self) -> AsyncIterator[OutsideProject]:
        """All that can be seen, those that are archived too."""
        ...

    async def tasks(self, project: str, after: str | None, most: int) -> Page[OutsideTask]:
        """Those of the project itself, without their subtasks."""
        ...

    async def task(self, id: str) -> OutsideTask: ...

    def subtasks(self, id: str) -> AsyncIterator[OutsideTask]:
        """Its own, not those below them."""
        ...

    def comments(self, id: str) -> AsyncIterator[OutsideComment]:
        """What people said, the oldest first; not what the tracker itself noted."""
        ...

    def files(self, id: str) -> AsyncIterator[OutsideFile]: ...

    async def download(self, file: OutsideFile, write: Write) -> None:
        """The bytes in pieces. Stops where `write` raises."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Provider:
    """A tracker by its name. `sentence` says what it is or, where it is not `available`, that it is not yet."""

    name: str
    title: str
    available: bool
    sentence: str
    sign_in: str = ""


PROVIDERS = (
    Provider(
        "asana", "Asana", True, "Tasks, subtasks, comments and files of your Asana projects.",
        "Make a personal access token at https://app.asana.com/0/my-apps. It can do all that you can.",
    ),
    Provider("jira", "Jira", False, "Not available yet."),
    Provider("linear", "Linear", False, "Not available yet."),
    Provider("github_issues", "GitHub Issues", False, "Not available yet."),
    Provider(
        "made_up", "Made-up tracker", True, "A tracker inside the hub with invented tasks, to try an import with.",
        "Its token is the word `try`.",
    ),
)  # fmt: skip
