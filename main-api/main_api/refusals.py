"""What main-api itself can refuse, beyond what the services do."""

from typing import ClassVar

from services.domain.errors import HubError


class BadSettings(HubError):
    """A setting is missing, a placeholder, or out of range."""

    code: ClassVar[str] = "settings_refused"


class AddressTaken(HubError):
    """The address main-api should listen on is in use, or not allowed."""

    code: ClassVar[str] = "address_taken"


class DatabaseBusy(HubError):
    """So many requests wait for the database that this one's time was over."""

    code: ClassVar[str] = "database_busy"


class DatabaseFailed(HubError):
    """The database is away, or could not do what it was asked now."""

    code: ClassVar[str] = "database_failed"


class DatabaseAway(HubError):
    """PostgreSQL does not answer while the hub starts: it is waited for."""

    code: ClassVar[str] = "database_away"


class DatabaseNotMigrated(HubError):
    """The database has no tables yet, or those of another version."""

    code: ClassVar[str] = "database_not_migrated"


class Unauthorized(HubError):
    """Neither the owner's token nor an open session."""

    code: ClassVar[str] = "unauthorized"


class HostRefused(HubError):
    """The request names a host that is not the hub's: a web page may have rebound its name to this machine."""

    code: ClassVar[str] = "host_refused"


class OriginRefused(HubError):
    """A web page from elsewhere made the request."""

    code: ClassVar[str] = "origin_refused"


class TooManyFailures(HubError):
    """Wrong tokens or sign-in links came too often."""

    code: ClassVar[str] = "too_many_failures"


class BodyTooLarge(HubError):
    """The request's body is above the limit."""

    code: ClassVar[str] = "body_too_large"


class ProofGone(HubError):
    """The row of a proof is there, its file is not."""

    code: ClassVar[str] = "proof_gone"


class CursorRefused(HubError):
    """The cursor of a list is broken, or belongs to the list in another order."""

    code: ClassVar[str] = "cursor_refused"


class ProofTampered(HubError):
    """The file of a proof is not what it was when its hash was taken: it proves nothing any more."""

    code: ClassVar[str] = "proof_tampered"


class UploadUnreadable(HubError):
    """The body is no multipart form with one file, or ends before the form does."""

    code: ClassVar[str] = "upload_unreadable"


class RangeRefused(HubError):
    """The range that was asked for lies outside the file, or can't be read."""

    code: ClassVar[str] = "range_refused"


class SpanRefused(HubError):
    """The days that were asked for end before they begin, are too many, or are said twice."""

    code: ClassVar[str] = "span_refused"


class ZoneUnknown(HubError):
    """There is no such time zone, or its days can't be told."""

    code: ClassVar[str] = "zone_unknown"
