"""One part of the hub: a look at it that may hang, and an answer that comes all the same."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

log = structlog.get_logger(__name__)
Status = Literal["well", "unwell", "unknown", "off"]
Kind = Literal["database", "engine", "agent", "model", "answers", "disk", "notices", "containers"]
PATIENCE_SECONDS = 1.5


@dataclass(frozen=True)
class Report:
    """What a look found. `off` means that it is not used, `unknown` that nobody can tell; neither is a fault."""

    status: Status
    sentence: str
    way_out: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A report with its name. `latency_ms` is how long the look took, or was waited for."""

    kind: Kind
    name: str
    status: Status
    latency_ms: float
    sentence: str
    way_out: str
    facts: dict[str, Any]


class PartWatch:
    """Looks at one part. A look that hangs is waited for `patience` seconds and then left to itself; until it ends no
    other is begun, so that a part which hangs holds one connection or thread, however often it is asked for.

    `hung` is the status of a part that does not answer, `way_out` what a person can do then.
    """

    def __init__(
        self,
        kind: Kind,
        name: str,
        look: Callable[[], Awaitable[Report]],
        *,
        hung: Status = "unwell",
        way_out: str = "",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.kind: Kind = kind
        self.name, self.patience = name, patience
        self._hung: Status = hung
        self._look, self._way_out = look, way_out
        self._task: asyncio.Task[tuple[Report, float]] | None = None
        self._begun = 0.0

    async def part(self) -> Part:
        if self._task is None or self._task.done():
            self._begun = time.perf_counter()
            self._task = asyncio.create_task(self._timed(), name=f"health-{self.name}")
        task = self._task
        await asyncio.wait({task}, timeout=self.patience)
        if not task.done():
            waited = time.perf_counter() - self._begun
            report = Report(self._hung, f"No answer from {self.name} for {waited:.1f} s.", self._way_out)
            return self._part(report, waited)
        if task.cancelled():  # the settings changed meanwhile, or the hub stops
            return self._part(Report("unknown", f"{self.name} was set up anew meanwhile.", "Look again."), 0.0)
        if error := task.exception():
            log.error("health.look_failed", part=self.name, exc_info=error)
            sentence = f"{self.name} could not be looked at ({type(error).__name__})."
            return self._part(Report("unknown", sentence, "Look at main-api's log."), 0.0)
        return self._part(*task.result())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=self.patience)

    async def _timed(self) -> tuple[Report, float]:
        begun = time.perf_counter()
        report = await self._look()
        return report, time.perf_counter() - begun

    def _part(self, report: Report, seconds: float) -> Part:
        return Part(
            self.kind, self.name, report.status, round(seconds * 1000, 1), report.sentence, report.way_out, report.facts
        )
