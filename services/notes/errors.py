"""What can be wrong with a note."""

from typing import ClassVar

from services.domain.errors import HubError


class NotesFull(HubError):
    """The task has as many notes as it may have."""

    code: ClassVar[str] = "notes_full"
