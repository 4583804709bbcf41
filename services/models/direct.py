"""Direct calls in the book: work without a task asks models under an id of its own, for as long as its token says."""

import re
import time

from services.models.errors import RunNotActive

PREFIX = "direct-"
_ID = re.compile(r"direct-(\d{1,19})-[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_UNTIL = re.compile(r"(.+)-(\d{1,11})")


def direct_id(name: str, project_id: int | None) -> str:
    """The id of a direct call: the same one for the same name in the same project (0: in none)."""
    return f"{PREFIX}{project_id or 0}-{name}"


def project_of(run_id: str) -> int | None:
    """The project whose budget a direct call is paid from; None without one."""
    match = _ID.fullmatch(run_id)
    return int(match[1]) or None if match else None


def is_direct(run_id: str) -> bool:
    return _ID.fullmatch(run_id) is not None


def limited(run_id: str, until: float) -> str:
    """The id as it stands in a token that is good until this moment (seconds of the epoch)."""
    return f"{run_id}-{int(until)}"


def unlimited(limited_id: str) -> str:
    """The id without its end. Raises RunNotActive when that has come."""
    match = _UNTIL.fullmatch(limited_id)
    if match is None or int(match[2]) < time.time():
        raise RunNotActive("The time in which this call may ask models is over.", "Call the tool again.")
    return match[1]
