"""Models that stand in for one another: asked in the run's order, each after one that failed before its first byte.

What was decided for a step of a run is stored, and holds for its next calls, in this process and in the next one. When
all have failed the next call begins with the model that was decided on last, and goes through all of them again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from main_api.gateway.question import EMBEDDING, Question
from services.choices.decisions import decide, order_of, reason_of
from services.domain.errors import HubError
from services.store.database import Database

log = structlog.get_logger(__name__)
MAY_FOLLOW = frozenset({
    "upstream_failed", "upstream_busy", "upstream_timeout", "model_missing", "model_refused", "model_offline",
    "budget_exceeded", "model_without_price", "context_exceeded",
})  # fmt: skip
WORTH_WAITING = ("upstream_busy", "upstream_failed", "upstream_timeout")  # for clients: the same call may succeed soon
REMEMBERED = 1000  # steps of runs


@dataclass
class Standby:
    """Remembers orders and decisions, so that the database is read once for each step of a run."""

    db: Database
    _known: dict[tuple[str, str], tuple[list[str], str | None]] = field(default_factory=dict)

    async def order(self, question: Question) -> list[str]:
        """Full names, the first to ask first. Only the question's own where its run has no choice, or it asks for none
        of that; and for embeddings: another model's numbers would be of another space."""
        if question.path in EMBEDDING:
            return [question.name]
        key = (question.token.run_id, question.token.step)
        if key not in self._known:
            while len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            async with self.db.read() as session:
                self._known[key] = await order_of(session, *key)
        models, decided = self._known[key]
        if question.name not in models:
            return [question.name]
        begin = models.index(decided if decided in models else question.name)
        return models[begin:] + models[:begin]

    async def decide(self, question: Question, wanted: str, taken: str, error: HubError) -> None:
        """Stored before `taken` is asked."""
        run_id, step = question.token.run_id, question.token.step
        async with self.db.write() as session:
            await decide(session, run_id, step, wanted, taken, reason_of(error), error.code, error.sentence)
        self._known[run_id, step] = (self._known[run_id, step][0], taken)
        log.warning(
            "gateway.model_changed", run=run_id, step=step, wanted=wanted, taken=taken, code=error.code,
            error=error.sentence,
        )  # fmt: skip


async def ask_in_order(
    standby: Standby, question: Question, ask: Callable[[Question, bool], Awaitable[None]], begun: Callable[[], bool]
) -> None:
    """`ask` gets the question under each model's name, and whether another one follows. Nobody follows once the answer
    has `begun`. Raises what the only one raised, or one error that tells of all."""
    names = await standby.order(question)
    failed: list[tuple[str, HubError]] = []
    for name in names:
        if failed:
            await standby.decide(question, failed[-1][0], name, failed[-1][1])
        try:
            return await ask(replace(question, name=name) if name != question.name else question, name != names[-1])
        except HubError as error:
            if begun() or error.code not in MAY_FOLLOW:
                raise
            failed.append((name, error))
    raise together(failed)


def together(failed: list[tuple[str, HubError]]) -> HubError:
    """The kind of error is that of one that may pass by itself, else the first's."""
    kind = next((error for _, error in failed if error.code in WORTH_WAITING), failed[0][1])
    if len(failed) == 1:
        return kind
    told = " ".join(f"{name}: {error.sentence}" for name, error in failed)
    return type(kind)(f"None of {len(failed)} models can answer. {told}", kind.way_out, **kind.data)
