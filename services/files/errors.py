"""What can go wrong with a file on its way in or out."""

from typing import ClassVar

from services.domain.errors import HubError


class FileTooLarge(HubError):
    """The file is above the limit for uploads."""

    code: ClassVar[str] = "file_too_large"


class DiskFull(HubError):
    """The disk that holds the hub's files takes no more."""

    code: ClassVar[str] = "disk_full"


class FilesUnwritable(HubError):
    """The folder of the hub's files can't be written, for another reason than a full disk."""

    code: ClassVar[str] = "files_unwritable"


class ThumbnailRefused(HubError):
    """The file is no picture, is a broken one, or would be too large in memory."""

    code: ClassVar[str] = "thumbnail_refused"
