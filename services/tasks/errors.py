"""What can stand in the way of a person's hand on a task."""

from typing import ClassVar

from services.domain.errors import HubError


class TaskBusy(HubError):
    """A run of the task is live, and what was asked would end it."""

    code: ClassVar[str] = "task_busy"


class NotMerged(HubError):
    """The task's work is not on the main branch, and the stage looks at what is."""

    code: ClassVar[str] = "not_merged"


class NothingToMerge(HubError):
    """The task's branch has no change that a person could approve."""

    code: ClassVar[str] = "nothing_to_merge"


class TransitionRefused(HubError):
    """The workflow does not let a task go from its stage to that one."""

    code: ClassVar[str] = "transition_refused"


class DependencyCycle(HubError):
    """Tasks would wait for each other, or for themselves. `path` has their keys."""

    code: ClassVar[str] = "dependency_cycle"


class ParentCycle(HubError):
    """A task would be its own subtask. `path` has their keys."""

    code: ClassVar[str] = "parent_cycle"


class RunCarried(HubError):
    """An orchestrator carries the run: what it did is measured, and nobody else's word counts."""

    code: ClassVar[str] = "run_carried"
