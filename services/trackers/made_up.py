"""A tracker that lies in the hub: invented tasks, to try an import without an account."""

from collections.abc import AsyncIterator

from services.trackers.errors import TrackerNotFound, TrackerSignIn
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

TOKEN = "try"
SHOP = "shop"
_TASKS = (
    OutsideTask(
        "t1",
        "Show the total before paying",
        "The total is shown only after the card was charged.\n\nShow it before.",
        state="To do",
        tags=("till",),
        fields=(OutsideField("Effort", "3"),),
        subtasks=2,
    ),
    OutsideTask("t2", "Round to the nearest cent", "1.005 shall become 1.01.", state="To do", parent="t1", subtasks=0),
    OutsideTask("t3", "Say the currency", "", state="To do", parent="t1", blocked_by=("t2",), subtasks=0),
    OutsideTask(
        "t4", "Print the receipt", "As PDF.", state="Doing", blocked_by=("t1",), assignee="Somebody", subtasks=0
    ),
    OutsideTask("t5", "Take cash", "Works.", state="Done", done=True, subtasks=0),
)
_COMMENTS = {"t1": (OutsideComment("c1", "Somebody", "Please with the discount."),)}
_FILES = {"t4": (OutsideFile("f1", "receipt.txt", 12),)}
_BYTES = {"f1": b"1 tea  2.50\n"}


class MadeUp:
    """Implements `Tracker`."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def whoami(self) -> OutsideUser:
        if self._token != TOKEN:
            raise TrackerSignIn("The made-up tracker does not accept the token.", f"It is `{TOKEN}`.")
        return OutsideUser("u1", "You")

    async def projects(self) -> AsyncIterator[OutsideProject]:
        yield OutsideProject(SHOP, "The shop", "Made up")
        yield OutsideProject("attic", "The attic", "Made up", archived=True)

    async def tasks(self, project: str, after: str | None, most: int) -> Page[OutsideTask]:
        rows = [task for task in _TASKS if task.parent is None] if project == SHOP else []
        start = int(after) if after is not None and after.isdecimal() else 0
        return Page(tuple(rows[start : start + most]), str(start + most) if start + most < len(rows) else None)

    async def task(self, id: str) -> OutsideTask:
        for task in _TASKS:
            if task.id == id:
                return task
        raise TrackerNotFound(f"The made-up tracker has no task {id[:60]!r}.", "Take one that a list answered.")

    async def subtasks(self, id: str) -> AsyncIterator[OutsideTask]:
        for task in _TASKS:
            if task.parent == id:
                yield task

    async def comments(self, id: str) -> AsyncIterator[OutsideComment]:
        for comment in _COMMENTS.get(id, ()):
            yield comment

    async def files(self, id: str) -> AsyncIterator[OutsideFile]:
        for file in _FILES.get(id, ()):
            yield file

    async def download(self, file: OutsideFile, write: Write) -> None:
        await write(_BYTES[file.id])

    async def close(self) -> None:
        """Nothing is open."""
