"""Which models a run may use, in their order: who says it, and what its work, the money and the network leave of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.budgets import Caller, Defaults, used_up
from services.models.policy import OF_SIZE, Choice, Work, read_policy
from services.models.providers import runs_elsewhere
from services.roles.model import policy_for
from services.store.models import ModelDecision, Plan, Project, Request, Role, Run, Task
from services.store.types import now


@dataclass(frozen=True, slots=True)
class House:
    """What holds on this hub: the model where nobody chose one, the providers on its owner's own machines, whether it
    stays off the network, what models may cost, and for how many seconds one that failed is not asked first."""

    default_model: str
    own_providers: frozenset[str] = frozenset()
    offline: bool = False
    budgets: Defaults = field(default_factory=Defaults)
    again_seconds: float = 300.0

    def is_own(self, model: str) -> bool:
        """Whether it is asked without the network and without a bill. Ollama's cloud models run elsewhere."""
        return model.partition("/")[0] in self.own_providers and not runs_elsewhere(model)


@dataclass(frozen=True, slots=True)
class Passed:
    """A model that stood before the chosen one, and why it is not asked first. `reason` as in ModelDecision."""

    model: str
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """`models` is never empty: the first is asked, the others stand in, in this order."""

    models: tuple[str, ...]
    passed: tuple[Passed, ...] = ()

    @property
    def plain(self) -> dict[str, Any] | None:
        """What the run has to remember, in JSON; None where there is nothing to choose."""
        if len(self.models) == 1 and not self.passed:
            return None
        passed = [{"model": one.model, "reason": one.reason, "sentence": one.sentence} for one in self.passed]
        return {"models": list(self.models), "passed": passed}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request behind some work: its own choice of models, and how complex its plan is."""

    models: list[Any] | None = None
    complexity: str | None = None


async def choose(
    session: AsyncSession, house: House, project: Project, role: Role, run: Run, task: Task | None = None
) -> Chosen:
    """The policy of the task, else of its request, else of the project for the role, else of the role; then the
    project's default and the hub's. Of it, what is meant for such work; models that can't be asked now stand last."""
    asked = await _asked_by(session, task, run)
    policy = (task.models if task else None) or asked.models or policy_for(project, role, house.default_model)
    choices = (Choice(policy),) if isinstance(policy, str) else read_policy(policy)
    models, passed = _for_work(choices, _work(task, asked))
    if len(models) > 1:
        models, put_back = await _asked_now(session, house, models, Caller(run.id, run.task_id, run.project_id))
        passed += put_back
    return Chosen(models, passed)


async def _asked_by(session: AsyncSession, task: Task | None, run: Run) -> _Asked:
    """The request that is planned, or that the task's plan answers."""
    if task is None:
        return _Asked(await session.scalar(sa.select(Request.models).where(Request.id == run.request_id)))
    if task.plan_id is None:
        return _Asked()
    query = sa.select(Request.models, Plan.body["complexity"].as_string()).join(Plan, Plan.request_id == Request.id)
    found = (await session.execute(query.where(Plan.id == task.plan_id))).one_or_none()
    return _Asked(*found) if found else _Asked()


def _work(task: Task | None, asked: _Asked) -> Work:
    """A plan says how complex it is and how large each task; of a task made by hand only its size is known."""
    if task is None:
        return Work()
    return Work(asked.complexity or OF_SIZE.get(task.size), task.size)


def _for_work(choices: tuple[Choice, ...], work: Work) -> tuple[tuple[str, ...], tuple[Passed, ...]]:
    """Those that are for it; of the others, the ones that stood before the first of them."""
    models = tuple(choice.model for choice in choices if not choice.unfit(work))
    before: list[Passed] = []
    for choice in choices:
        if choice.model == models[0]:
            break
        before.append(Passed(choice.model, "complexity", f"{choice.model} {choice.unfit(work)}."))
    return models, tuple(before)


async def _asked_now(
    session: AsyncSession, house: House, models: tuple[str, ...], caller: Caller
) -> tuple[tuple[str, ...], tuple[Passed, ...]]:
    """The prompt is written for the first of them: so one that would be refused or would fail does not stand there."""
    behind = await _refused_now(session, house, models, caller)
    behind = await _failed_lately(session, house, models) | behind
    front = tuple(model for model in models if model not in behind)
    if not front:
        return models, ()
    before = models[: models.index(front[0])]
    return front + tuple(model for model in models if model in behind), tuple(behind[model] for model in before)


async def _refused_now(
    session: AsyncSession, house: House, models: tuple[str, ...], caller: Caller
) -> dict[str, Passed]:
    elsewhere = [model for model in models if not house.is_own(model)]
    if house.offline:
        reason, why = "offline", "the hub is offline (WFHUB_OFFLINE)"
    elif len(elsewhere) in (0, len(models)):
        return {}
    elif sentence := await used_up(session, caller, house.budgets):
        reason, why = "budget", sentence
    else:
        return {}
    return {model: Passed(model, reason, f"{model} is not asked: {why}.") for model in elsewhere}


async def _failed_lately(session: AsyncSession, house: House, models: tuple[str, ...]) -> dict[str, Passed]:
    """Those that another model had to stand in for a moment ago, in any run; what a run began with has no code."""
    query = sa.select(ModelDecision.wanted, ModelDecision.last_at, ModelDecision.sentence).where(
        ModelDecision.last_at > now() - timedelta(seconds=house.again_seconds), ModelDecision.wanted.in_(models),
        ModelDecision.reason == "failure", ModelDecision.code != "",
    )  # fmt: skip
    found = (await session.execute(query.order_by(ModelDecision.last_at))).all()
    return {
        model: Passed(model, "failure", f"{model} failed {(now() - at).total_seconds():.0f} s ago: {sentence}")
        for model, at, sentence in found
    }
