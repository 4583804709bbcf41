"""What can't be done with a log."""

from typing import ClassVar

from services.domain.errors import HubError


class LogUnwritable(HubError):
    """The log's file can't be emptied."""

    code: ClassVar[str] = "log_unwritable"
