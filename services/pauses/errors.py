"""What can stand in the way of a pause."""

from typing import ClassVar

from services.domain.errors import HubError


class NothingToPause(HubError):
    """It is over: nothing of it goes on that could stand still."""

    code: ClassVar[str] = "nothing_to_pause"


class NotPaused(HubError):
    """It is not paused by itself, so it can't be resumed."""

    code: ClassVar[str] = "not_paused"
