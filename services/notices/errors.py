"""What can stand in the way of telling a person."""

from typing import ClassVar

from services.domain.errors import HubError


class NoticeRefused(HubError):
    """The address or the command of the notices can't be used as it is written."""

    code: ClassVar[str] = "notice_refused"
