"""Why a task's git state can't be brought back as asked."""

from typing import ClassVar

from services.domain.errors import HubError


class CheckpointElsewhere(HubError):
    """The checkpoint is of a branch that the task has left, or was never one of the task's branch."""

    code: ClassVar[str] = "checkpoint_elsewhere"


class NothingToRecover(HubError):
    """The task has no such branch or kept commit, or its work is where it would be brought to."""

    code: ClassVar[str] = "nothing_to_recover"
