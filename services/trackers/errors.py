"""What a tracker refuses, in words a person can act on."""

from services.domain.errors import HubError


class TrackerError(HubError):
    """Anything that went wrong with a tracker. `provider` names it in `data`."""

    code = "tracker_failed"


class TrackerUnavailable(TrackerError):
    """The hub does not know how to speak with this tracker yet."""

    code = "tracker_unavailable"


class TrackerSignIn(TrackerError):
    """The credential is not, or no more, accepted."""

    code = "tracker_sign_in"


class TrackerForbidden(TrackerError):
    """Signed in, but not allowed to see that, or not with that plan of theirs."""

    code = "tracker_forbidden"


class TrackerNotFound(TrackerError):
    """It is not there, or not to be seen by whoever signed in."""

    code = "tracker_not_found"


class TrackerBusy(TrackerError):
    """It asks to wait longer than the hub is told to; `retry_after` in seconds."""

    code = "tracker_busy"


class TrackerUnreachable(TrackerError):
    """No answer, or none that can be read, after several tries."""

    code = "tracker_unreachable"
