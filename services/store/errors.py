"""What can be wrong with the database itself."""

from typing import ClassVar

from services.domain.errors import HubError


class DatabaseUnusable(HubError):
    """The database cannot be opened, is too old, or the Python is too new for its SQLite."""

    code: ClassVar[str] = "database_unusable"
