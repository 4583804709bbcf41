"""Fetches a model by an Ollama's /api/pull, and tells how far it is."""

import json
import time
from collections.abc import Callable
from typing import Any

from main_api.gateway import Gateway
from main_api.gateway.upstream import ask
from main_api.ollama_proxy.network import check_network
from services.models.errors import ModelRefused, UpstreamFailed
from services.models.providers import Provider

WINDOW_SECONDS = 5.0  # of which the speed is the mean


class Pulled:
    """Adds up what the lines of a pull tell: each names one file of the model, its size and what of it is there."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._files: dict[str, tuple[int, int]] = {}
        self._points: list[tuple[float, int]] = []
        self.words, self.succeeded = "", False

    def take(self, line: dict[str, Any]) -> None:
        """Raises ModelRefused for the line of an error."""
        if error := line.get("error"):
            raise ModelRefused(
                f"The model was not fetched: {str(error)[:300].rstrip('.')}.", "Look at its name, or at Ollama's log."
            )
        self.words = str(line.get("status") or self.words)[:200]
        self.succeeded = self.words == "success"
        digest, total = line.get("digest"), line.get("total")
        if isinstance(digest, str) and isinstance(total, int):
            completed = line.get("completed")
            self._files[digest] = (total, completed if isinstance(completed, int) else 0)
            self._note()

    @property
    def progress(self) -> dict[str, Any]:
        """`bytes` of `total`, bytes a second, seconds that are left; null where nobody can tell."""
        total = sum(size for size, _ in self._files.values())
        there = sum(done for _, done in self._files.values())
        speed = self._speed()
        left = round((total - there) / speed) if speed and total > there else None
        return {
            "words": self.words, "bytes": there, "total": total or None, "bytes_per_second": speed,
            "seconds_left": left,
        }  # fmt: skip

    def _note(self) -> None:
        now, there = self._clock(), sum(done for _, done in self._files.values())
        self._points = [point for point in self._points if now - point[0] <= WINDOW_SECONDS]
        if not self._points or now - self._points[-1][0] >= 0.2:
            self._points.append((now, there))

    def _speed(self) -> int | None:
        if len(self._points) < 2:
            return None
        (first, before), (last, after) = self._points[0], self._points[-1]
        return max(0, round((after - before) / (last - first))) if last > first else None


async def pull(gateway: Gateway, provider: Provider, model: str, tell: Callable[[dict[str, Any]], None]) -> None:
    """What was fetched stays when this is cancelled or breaks off: the next one goes on there.

    Raises ModelOffline, ModelRefused, UpstreamFailed, UpstreamTimeout.
    """
    check_network(provider, "api/pull", b"")
    pulled = Pulled()
    body = json.dumps({"model": model, "stream": True}).encode()
    async with ask(gateway, provider, "ollama", "api/pull", body, model, once=True) as answer:
        async for raw in answer.content:
            if raw.strip():
                pulled.take(_line(provider, raw))
                tell(pulled.progress)
    if not pulled.succeeded:
        raise UpstreamFailed(
            f"{provider.name} stopped before the model was whole.", "Ask for it again: it goes on there."
        )


def _line(provider: Provider, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise UpstreamFailed(f"{provider.name} sent what is no JSON.", "Look whether it is an Ollama.") from error
    if not isinstance(found, dict):
        raise UpstreamFailed(f"{provider.name} sent what is no JSON object.", "Look whether it is an Ollama.")
    return found
