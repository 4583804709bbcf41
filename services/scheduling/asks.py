"""Which local model a queued task would ask, found without choosing for it: by name, and cheaply for a long queue.

What a run then really asks is decided when it starts (services/choices): a model that failed lately, or one that is for
other complexities, may be passed over. A wrong guess here costs a load of a model, nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.domain.workflow import Stage, Workflow
from services.models.errors import ModelPolicyInvalid
from services.models.policy import OF_SIZE, Work, read_policy
from services.models.providers import runs_elsewhere
from services.scheduling.cards import provider_of
from services.scheduling.limits import SchedulingLimits

PLANNER = "pm"
_ASKING = frozenset({"aider", "tools"})


class Asks:
    """`roles` has the policy of each active role, or None; `projects` their settings, as JSON text."""

    def __init__(self, limits: SchedulingLimits, roles: Mapping[str, str | None], projects: Mapping[int, str]) -> None:
        self._limits, self._roles, self._projects = limits, roles, projects
        self._known: dict[tuple[int, str | None, str | None, str | None, str], str | None] = {}

    def of_task(self, project: int, role: str | None, size: str, own: str | None, asked: str | None) -> str | None:
        """The local model; None where it asks one elsewhere. `own` and `asked` are the policies of the task and of its
        request, as JSON text."""
        return self._model(project, role, own, asked, size)

    def of_request(self, project: int, asked: str | None) -> str | None:
        return self._model(project, PLANNER, None, asked, "") if self._limits.cards else None

    def _model(self, project: int, role: str | None, own: str | None, asked: str | None, size: str) -> str | None:
        key = (project, role, own, asked, size)
        if key not in self._known:
            self._known[key] = self._find(project, role, own, asked, size)
        return self._known[key]

    def _find(self, project: int, role: str | None, own: str | None, asked: str | None, size: str) -> str | None:
        chosen: dict[str, Any] = _read(self._projects.get(project, "{}")).get("models") or {}
        policy = (
            _read(own or "null") or _read(asked or "null") or chosen.get(role or "")
            or _policy(self._roles.get(role or "")) or chosen.get("default") or self._limits.default_model
        )  # fmt: skip
        name = _first(policy, Work(OF_SIZE.get(size), size or None))
        local = provider_of(name) in self._limits.cards and not runs_elsewhere(name)
        return name if local else None


def _first(policy: Any, work: Work) -> str:
    if isinstance(policy, str):
        return policy
    try:
        return next((choice.model for choice in read_policy(policy) if not choice.unfit(work)), "")
    except ModelPolicyInvalid:
        return ""  # its run will say so


def _policy(text: str | None) -> Any:
    """A role's, kept as JSON, or in the older form as one name."""
    if not text:
        return None
    return _read(text) if text.startswith("[") else text


@lru_cache(maxsize=2048)
def _read(text: str) -> Any:
    return json.loads(text) or {}


def asks_a_model(stage: Stage) -> bool:
    """Whether a run there has a step with a model."""
    return any(step.executor in _ASKING for step in stage.steps)


def stage_of(workflow: Workflow, name: str) -> Stage | None:
    """None for a stage that the task's version of the workflow does not have."""
    return next((stage for stage in workflow.stages if stage.name == name), None)


def policies(rows: Sequence[Any]) -> dict[str, str | None]:
    """Of rows of a role's name, its list as JSON text, and its one model."""
    return {name: (models if models and models != "null" else model) for name, models, model in rows}
