"""How a command ends, as a number: one for each thing that a script may want to tell apart."""

from enum import IntEnum

from services.cli.errors import HubAway
from services.demo.errors import HubRefused
from services.domain.errors import Conflict, HubError, InvalidInput, NotFound


class Exit(IntEnum):
    """The exit codes. Their words are in docs/cli.md, made from these."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    UNWELL = 3
    NOT_FOUND = 4
    CONFLICT = 5
    NO_HUB = 6
    NOT_SIGNED_IN = 7
    INTERRUPTED = 130


MEANINGS: dict[Exit, str] = {
    Exit.OK: "Done.",
    Exit.REFUSED: "Refused, or it failed: the sentence says why.",
    Exit.USAGE: "Asked wrongly: an unknown option, a missing argument, a value that can't be (400, 413, 422).",
    Exit.UNWELL: "Looked, and not all is well: a service is down, no model fits, a run or a plan did not pass.",
    Exit.NOT_FOUND: "There is no such project, task, plan, run, item or setting.",
    Exit.CONFLICT: "It changed meanwhile, was decided before, is busy, or its state allows no such move (409).",
    Exit.NO_HUB: "No hub answers, or none was ever started here.",
    Exit.NOT_SIGNED_IN: "The hub does not know this token.",
    Exit.INTERRUPTED: "Interrupted by Ctrl C.",
}

_BY_STATUS = {
    400: Exit.USAGE, 413: Exit.USAGE, 422: Exit.USAGE, 404: Exit.NOT_FOUND, 410: Exit.NOT_FOUND, 409: Exit.CONFLICT,
    401: Exit.NOT_SIGNED_IN,
}  # fmt: skip
_BY_ERROR: tuple[tuple[type[HubError], Exit], ...] = (
    (HubAway, Exit.NO_HUB), (NotFound, Exit.NOT_FOUND), (Conflict, Exit.CONFLICT), (InvalidInput, Exit.USAGE),
)  # fmt: skip


def exit_of(error: HubError) -> Exit:
    """The code that a refusal ends the command with."""
    if isinstance(error, HubRefused):
        return _BY_STATUS.get(int(error.data.get("status", 0)), Exit.REFUSED)
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.REFUSED)
