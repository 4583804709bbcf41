"""What can stand in the way of a person's word on a gate."""

from typing import ClassVar

from services.domain.errors import HubError


class ChangeMoved(HubError):
    """The change is another than the one that was looked at. `seen` and `patch_id` are both, `files` differ."""

    code: ClassVar[str] = "change_moved"


class GateNotFailed(HubError):
    """There is nothing to let pass: the gate did not fail, or what it judged is not the task's newest state."""

    code: ClassVar[str] = "gate_not_failed"
