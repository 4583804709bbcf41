"""How fast a model answers: loaded from the disk (cold) and already loaded (warm)."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from services.models.bounded import bounded
from services.models.catalogue import ModelServer, away
from services.models.errors import ModelMissing, ModelRefused, UpstreamFailed, UpstreamTimeout

ANSWER_TOKENS = 128
UNLOAD_SECONDS = 10.0
SCRIPTED = "scripted"
_LINE = "def area_{n}(width: float, height: float) -> float:\n    return width * height + {n}\n\n"
_LINES = 24


@dataclass(frozen=True, slots=True)
class Speed:
    """One answer. Milliseconds from the question on; `load_ms` and `prompt_per_second` only where the server tells."""

    first_token_ms: float
    whole_ms: float
    prompt_tokens: int
    answer_tokens: int
    answer_per_second: float
    prompt_per_second: float | None = None
    load_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """`cold` is None where the server can not take a model out of its memory. `warm` is the run of median speed."""

    name: str
    warm: Speed
    cold: Speed | None
    runs: int


def measure(server: ModelServer, model: str, context: int, runs: int, say: Callable[[str], None]) -> Measured:
    """Asks `runs` times, and once before with the model unloaded where that can be done.

    Each prompt begins differently, so that none is answered from the server's cache of prompts. Raises ModelMissing,
    ModelRefused, UpstreamFailed, UpstreamTimeout.
    """
    cold = None
    loads = server.is_ollama and server.provider.name != SCRIPTED  # which is no model, and always there
    if loads and _unloaded(server, model, say):
        say("Cold: the model is loaded from the disk.")
        cold = _ask_ollama(server, model, context, 0)
    elif loads:
        say("The server did not unload the model: no cold number.")
    speeds: list[Speed] = []
    for number in range(1, runs + 1):
        say(f"Warm: {number} of {runs}.")
        speeds.append(_ask_ollama(server, model, context, number) if server.is_ollama else _ask(server, model, number))
    median = statistics.median_low(speed.answer_per_second for speed in speeds)
    warm = next(speed for speed in speeds if speed.answer_per_second == median)
    return Measured(f"{server.provider.name}/{model}", warm, cold, runs)


def _prompt(number: int) -> str:
    code = "".join(_LINE.format(n=number * 100 + line) for line in range(_LINES))
    return f"# part {number}\n{code}# Explain in plain prose what each of these functions does.\n"


def _unloaded(server: ModelServer, model: str, say: Callable[[str], None]) -> bool:
    say("Taking the model out of memory.")
    server.post(server.provider.url("ollama", "api/generate"), {"model": model, "keep_alive": 0})
    until = time.monotonic() + UNLOAD_SECONDS
    while time.monotonic() < until:
        loaded = server.get(server.provider.url("ollama", "api/ps")).get("models") or []
        if all(one.get("model") not in (model, f"{model}:latest") for one in loaded):
            return True
        time.sleep(0.1)
    return False


def _ask_ollama(server: ModelServer, model: str, context: int, number: int) -> Speed:
    options = {"num_ctx": context, "num_predict": ANSWER_TOKENS, "temperature": 0}
    body = {"model": model, "prompt": _prompt(number), "stream": True, "options": options}
    started, first, last = time.monotonic(), None, dict[str, Any]()
    for line in _lines(server, server.provider.url("ollama", "api/generate"), body):
        last = _json(server, line)
        if first is None and (last.get("response") or last.get("thinking")):
            first = time.monotonic()
    whole = time.monotonic()
    if not last.get("done"):
        raise UpstreamFailed(f"{server.provider.name} broke off in the middle of its answer.", "Look at its log.")
    prompt, answer = last.get("prompt_eval_count") or 0, last.get("eval_count") or 0
    return Speed(
        _ms(started, first or whole), _ms(started, whole), prompt, answer,
        _rate(answer, last.get("eval_duration")) or 0.0, _rate(prompt, last.get("prompt_eval_duration")),
        round((last.get("load_duration") or 0) / 1e6, 1),
    )  # fmt: skip


def _ask(server: ModelServer, model: str, number: int) -> Speed:
    return bounded(lambda bounds: _timed(server, model, number, bounds), ANSWER_TOKENS)


def _timed(server: ModelServer, model: str, number: int, bounds: dict[str, Any]) -> Speed:
    """By OpenAI's protocol, with this program's own clock."""
    messages = [{"role": "user", "content": _prompt(number)}]
    body = {"model": model, "messages": messages, "stream": True, "stream_options": {"include_usage": True}, **bounds}
    started, first, pieces, usage = time.monotonic(), None, 0, dict[str, Any]()
    for line in _lines(server, server.provider.url("openai", "chat/completions"), body):
        if not line.startswith("data:") or line.endswith("[DONE]"):
            continue
        event = _json(server, line.removeprefix("data:"))
        usage = event.get("usage") or usage
        if any((choice.get("delta") or {}).get("content") for choice in event.get("choices") or []):
            first, pieces = first or time.monotonic(), pieces + 1
    whole = time.monotonic()
    answer = usage.get("completion_tokens") or pieces
    seconds = max(whole - (first or started), 1e-6)
    return Speed(_ms(started, first or whole), _ms(started, whole), usage.get("prompt_tokens") or 0, answer,
                 round(answer / seconds, 1))  # fmt: skip


def _lines(server: ModelServer, url: str, body: dict[str, Any]) -> Iterator[str]:
    provider = server.provider
    try:
        with server.http.stream("POST", url, json=body, headers=provider.headers("openai")) as answer:
            if answer.status_code != 200:
                said = answer.read()[:300].decode("utf-8", "replace")
                refused = ModelMissing if answer.status_code == 404 else ModelRefused
                raise refused(
                    f"{provider.name} answered {answer.status_code}: {said}", "wf models list tells what it has."
                )
            yield from (line for line in answer.iter_lines() if line.strip())
    except httpx.TimeoutException as error:
        raise UpstreamTimeout(
            f"{provider.name} sent nothing for too long.", "Look whether it is overloaded."
        ) from error
    except httpx.ConnectError as error:
        raise away(provider, url) from error
    except httpx.TransportError as error:
        raise UpstreamFailed(f"{provider.name} broke off: {error}", "Look at its log.") from error


def _json(server: ModelServer, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UpstreamFailed(f"{server.provider.name} sent what is no JSON: {line[:80]}", "Look at its log.") from error
    if found.get("error"):
        raise ModelRefused(f"{server.provider.name} refused: {str(found['error'])[:300]}", "Look at its log.")
    return found


def _ms(started: float, moment: float) -> float:
    return round((moment - started) * 1000, 1)


def _rate(tokens: int, nanoseconds: Any) -> float | None:
    return round(tokens / nanoseconds * 1e9, 1) if nanoseconds else None
