"""The orchestrator with a stopwatch at each part of a stage, and an agent of its own that answers every job at once.

What each part took, without the parts inside it, is written as JSON to STOPWATCH_FILE when the process ends.
"""

import importlib
import inspect
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from services.agents.fake import FakeAgent
from services.contract.run_result import RunResult
from services.workflows import worker

FILE = "STOPWATCH_FILE"
# Where a part begins and ends: module, name in it, and what it is called. Those inside of others are taken out of them.
PARTS = (
    ("services.workflows.admission", "Admission._look", "look: does anything wait"),
    ("services.workflows.books", "Books._write", "the transaction of all that is ready"),
    ("services.workflows.books", "_hold", "runs and tasks, read and locked"),
    ("services.workflows.books", "admit_if_free", "admit"),
    ("services.workflows.admission", "prepare_at_once", "prepare, in the same transaction"),
    ("services.workflows.settle", "prepare_at_once", "prepare, in the same transaction"),
    ("services.workflows.head_start", "give", "head start: prepare where a process is needed"),
    ("services.workflows.takeover", "claim", "claim"),
    ("services.workflows.prepare", "prepare_worktree", "prepare, done again by the story"),
    ("services.workflows.carry", "carry_out", "step on the agent"),
    ("services.workflows.settle", "settle_stage", "settle"),
    ("services.workflows.stage_facts", "collect", "facts for the gate"),
    ("services.workflows.settle", "judge", "gate"),
    ("services.workflows.settle", "hand_over", "handoff"),
    ("services.workflows.settle", "enter_stage", "the next stage entered"),
    ("services.repos.repos", "Repos.target", "git: the target"),
    ("services.repos.repos", "Repos.open_worktree", "git: the worktree"),
    ("services.repos.repos", "Repos.checkpoint", "git: the checkpoint"),
    ("services.repos.repos", "Repos.checkpoint_at_once", "git: the checkpoint, without a process"),
    ("services.store.database", "_take_the_write_lock", "waiting for the write lock"),
    ("sqlalchemy.ext.asyncio", "AsyncSession.flush", "rows written (flush)"),
    ("sqlalchemy.ext.asyncio", "AsyncSession.commit", "commit"),
    ("dbos", "DBOS.start_workflow_async", "engine: start"),
    ("services.workflows.ledger", "Ledger.write", "engine: its rows"),
    ("services.store.later", "send", "rows said together: events, handoffs, comments"),
)


class Stopwatch:
    """For each part how often, seconds in all with and without what is inside, and each call's seconds."""

    def __init__(self) -> None:
        self.calls: dict[str, list[float]] = defaultdict(list)
        self.own: dict[str, float] = defaultdict(float)
        self._inside: ContextVar[list[float] | None] = ContextVar("inside", default=None)

    def wrap(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            async def timed_async(*args: Any, **kwargs: Any) -> Any:
                begun, inside = self._begin()
                try:
                    return await function(*args, **kwargs)
                finally:
                    self._end(part, begun, inside)

            return timed_async

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun, inside = self._begin()
            try:
                return function(*args, **kwargs)
            finally:
                self._end(part, begun, inside)

        return timed

    def _begin(self) -> tuple[float, tuple[list[float] | None, list[float]]]:
        above, own = self._inside.get(), [0.0]
        self._inside.set(own)
        return time.perf_counter(), (above, own)

    def _end(self, part: str, begun: float, inside: tuple[list[float] | None, list[float]]) -> None:
        taken, (above, own) = time.perf_counter() - begun, inside
        self._inside.set(above)
        if above is not None:
            above[0] += taken
        self.calls[part].append(taken)
        self.own[part] += taken - own[0]

    def told(self) -> dict[str, Any]:
        return {part: {"own": self.own[part], "calls": calls} for part, calls in self.calls.items()}


def places() -> list[tuple[Any, str, Callable[..., Any], str]]:
    """Owner, name, function and part of each. Raises AttributeError where the code has another shape by now."""
    found: list[tuple[Any, str, Callable[..., Any], str]] = []
    for module, path, part in PARTS:
        owner: Any = importlib.import_module(module)
        *above, name = path.split(".")
        for step in above:
            owner = getattr(owner, step)
        found.append((owner, name, getattr(owner, name), part))
    return found


def main() -> int:
    stopwatch, leave, make = Stopwatch(), worker._leave, worker.make_bench
    for owner, name, function, part in places():
        timed = stopwatch.wrap(function, part)
        is_static = isinstance(owner, type) and not inspect.ismethod(function) and "self" not in _arguments(function)
        setattr(owner, name, staticmethod(timed) if inspect.ismethod(function) or is_static else timed)

    def bench(*args: Any) -> Any:
        made = make(*args)
        object.__setattr__(made, "agent", FakeAgent(lambda _: RunResult(outcome="completed", exit_code=0)))
        return made

    def tell_and_leave() -> None:
        Path(os.environ[FILE]).write_text(json.dumps(stopwatch.told()))
        leave()

    worker.make_bench, worker._leave = bench, tell_and_leave
    return worker.main()


def _arguments(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


if __name__ == "__main__":
    sys.exit(main())
