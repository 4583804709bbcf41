"""What can stand in the way of an attachment."""

from typing import ClassVar

from services.domain.errors import HubError


class AttachmentGone(HubError):
    """The row of an attachment is there, its file is not, or is not what was uploaded."""

    code: ClassVar[str] = "attachment_gone"
