"""A model call as a run sent it: read, identified, and rewritten for the provider."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from main_api.gateway.eyes import check_eyes
from main_api.gateway.outside import refuse_outside_tools
from services.models.bounded import BOUND, OPENAI_BOUND
from services.models.errors import ContextExceeded, ModelCallInvalid
from services.models.ledger import Asked
from services.models.profiles import Profile
from services.models.providers import OPENAI_URL, Protocol, Provider
from services.models.run_tokens import RunToken
from services.models.tokens import estimate, estimate_request

EMBEDDING = frozenset({"embeddings", "api/embed"})
STREAMED_UNLESS_TOLD = frozenset({"api/chat", "api/generate"})
PASSED_ON = ("anthropic-version", "anthropic-beta")  # the only headers of a client that its provider gets
ANTHROPIC_VERSION = "2023-06-01"
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_written = json.JSONEncoder(ensure_ascii=False).encode
_HEADER = re.compile(r"[A-Za-z0-9 ,._=-]{1,500}")


@dataclass(frozen=True)
class Question:
    """`path` is below the provider's root: `chat/completions`, `api/chat`. `name` is `provider/name`."""

    token: RunToken
    protocol: Protocol
    path: str
    body: dict[str, Any]
    name: str
    streamed: bool
    sha256: str
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = field(default=b"", repr=False)

    @property
    def turn(self) -> tuple[str, str, str]:
        """Questions of one turn wait for each other; a restarted step waits for the call of the start before it."""
        return self.token.run_id, self.token.step, self.sha256

    def asked(self, provider: Provider) -> Asked:
        return Asked(self.token, provider.name, self.protocol, self.path, self.name, self.streamed, self.sha256)


def read_question(
    token: RunToken, protocol: Protocol, path: str, raw: bytes, headers: Mapping[str, str] | None = None
) -> Question:
    """Raises ModelCallInvalid for what isn't a JSON object that names a model."""
    try:
        body = json.loads(raw)
        canonical = _canonical(body)
    except (ValueError, RecursionError) as error:
        raise ModelCallInvalid("The call's body is not JSON, or too deep.", "Send a JSON object.") from error
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        raise ModelCallInvalid("The call names no model.", 'Send a JSON object with "model": "provider/name".')
    refuse_outside_tools(protocol, body)
    passed = passed_on(headers or {}) if protocol == "anthropic" else {}
    asked = f"{path}\n{passed['anthropic-beta']}" if "anthropic-beta" in passed else path  # it changes the answer
    sha256 = hashlib.sha256(f"{asked}\n{canonical}".encode("utf-8", "surrogatepass")).hexdigest()
    streamed = path not in EMBEDDING and bool(body.get("stream", path in STREAMED_UNLESS_TOLD))
    return Question(token, protocol, path, body, body["model"], streamed, sha256, passed, raw)


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """What Anthropic's clients say of the protocol. Raises ModelCallInvalid for what can't be that."""
    told = {name: headers[name] for name in PASSED_ON if headers.get(name)}
    if wrong := next((name for name, value in told.items() if not _HEADER.fullmatch(value)), None):
        raise ModelCallInvalid(f"The header {wrong} can't be read.", f"Send {ANTHROPIC_VERSION}, or leave it out.")
    return {"anthropic-version": ANTHROPIC_VERSION, **told}


def sizes(question: Question, profile: Profile, count: Callable[[str], int] = estimate) -> tuple[int, int]:
    """Tokens of the prompt and the most of the answer. Raises ContextExceeded when they do not fit."""
    check_eyes(question.name, question.body, profile)
    prompt = estimate_request(question.body, count)
    answer = 0 if question.path in EMBEDDING else _answer_limit(question) or profile.max_output_tokens
    if prompt + answer > profile.context_tokens and question.path not in EMBEDDING:
        raise ContextExceeded(
            f"The prompt of about {prompt} tokens and an answer of up to {answer} do not fit in the "
            f"{profile.context_tokens} tokens of {question.name}.",
            "Send less (split the task, name fewer files), ask for a shorter answer, or choose a larger context.",
            prompt_tokens=prompt,
            answer_tokens=answer,
            context_tokens=profile.context_tokens,
        )
    return math.ceil(prompt * _cache_premium(question.body)), answer * _choices(question)


def for_provider(question: Question, provider: Provider, model: str, profile: Profile) -> bytes:
    """The body that goes upstream: the provider's own model name, a bounded answer, the pinned context, usage told."""
    body = {**question.body, "model": model}
    limit = _answer_limit(question) or profile.max_output_tokens
    if question.protocol == "ollama":
        body["truncate"] = False  # an error is better than a prompt cut in silence
        if question.path not in EMBEDDING:
            pinned = {"num_ctx": profile.context_tokens, "num_predict": limit}
            body["options"] = {**_dict(body.get("options")), **pinned}
            body["stream"] = question.streamed
    elif question.protocol == "anthropic":
        body["max_tokens"] = limit
    elif question.path not in EMBEDDING:
        if question.path == "chat/completions" and provider.openai_url == OPENAI_URL:  # its models refuse the old name
            body.pop(BOUND, None)
            body[OPENAI_BOUND] = limit
        elif not _answer_limit(question):
            body[BOUND] = limit
        if question.streamed:
            body["stream_options"] = {**_dict(body.get("stream_options")), "include_usage": True}
    return _written(body).encode("utf-8", "surrogatepass")


def wants_usage(question: Question) -> bool:
    """Whether the client asked for the usage event that the gateway asks for anyway."""
    return bool(_dict(question.body.get("stream_options")).get("include_usage"))


def _answer_limit(question: Question) -> int:
    """What the client set, 0 for nothing. Ollama's negative num_predict means without end: as if not set."""
    body = question.body
    if question.protocol == "ollama":
        value = _dict(body.get("options")).get("num_predict")
    else:
        value = body.get(OPENAI_BOUND) or body.get(BOUND)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ModelCallInvalid("The limit of the answer's tokens is not a whole number.", "Send an integer.")
    return max(0, value or 0)


def _choices(question: Question) -> int:
    """How many answers are asked for at once; each is paid."""
    counts = [question.body.get(key) for key in ("n", "best_of")]
    return max([1, *(n for n in counts if isinstance(n, int))])


def _cache_premium(body: dict[str, Any]) -> float:
    """Times the price of input that a prompt costs at the most, by Anthropic, which may be told to keep it."""
    controls = list(_cache_controls(body))
    if not controls:
        return 1.0
    return 2.0 if any(control.get("ttl") == "1h" for control in controls) else 1.25


def _cache_controls(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(control := value.get("cache_control"), dict):
            yield control
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _cache_controls(inner)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
