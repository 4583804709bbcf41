"""What Ollama tells of the models it has: lists, details, a download's progress, embeddings."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from services.models.scripted.ollama_form import EPOCH

DIMENSIONS = 8
LAYER_BYTES = 4_000_000  # what a scripted download says it fetches
STEPS = 4


def tags(model: str) -> dict[str, Any]:
    return {"models": [_entry(model)]}


def running(model: str, context_tokens: int) -> dict[str, Any]:
    """`/api/ps`: the scripted model is always loaded, and takes no room."""
    return {"models": [{**_entry(model), "expires_at": EPOCH, "size_vram": 0, "context_length": context_tokens}]}


def show(context_tokens: int) -> dict[str, Any]:
    return {
        "modelfile": "# the scripted model of Workflow Hub",
        "parameters": f"num_ctx {context_tokens}",
        "template": "{{ .Prompt }}",
        "modified_at": EPOCH,
        "model_info": {
            "general.architecture": "scripted",
            "general.parameter_count": 0,
            "scripted.context_length": context_tokens,
        },
        "capabilities": ["completion", "tools"],
        **_facts(),
    }


def pulling(model: str) -> Iterator[bytes]:
    """The lines of a download as Ollama writes them; nothing is fetched."""
    digest = "sha256:" + hashlib.sha256(model.encode()).hexdigest()
    yield _line({"status": "pulling manifest"})
    for step in range(STEPS + 1):
        done = {"completed": LAYER_BYTES * step // STEPS} if step else {}
        yield _line({"status": f"pulling {digest[7:19]}", "digest": digest, "total": LAYER_BYTES, **done})
    for status in ("verifying sha256 digest", "writing manifest", "success"):
        yield _line({"status": status})


def texts_of(body: dict[str, Any]) -> list[str]:
    """What is to be embedded: `input` is one text or several."""
    given = body.get("input")
    return [str(text) for text in given] if isinstance(given, list) else [str(given or "")]


def embedded(model: str, texts: list[str]) -> dict[str, Any]:
    vectors = [vector(text) for text in texts]
    return {"model": model, "embeddings": vectors, "total_duration": 0, "load_duration": 0,
            "prompt_eval_count": _tokens(texts)}  # fmt: skip


def embedded_for_openai(model: str, texts: list[str]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": index, "embedding": vector(text)} for index, text in enumerate(texts)]
    used = {"prompt_tokens": _tokens(texts), "total_tokens": _tokens(texts)}
    return {"object": "list", "model": model, "data": data, "usage": used}


def vector(text: str) -> list[float]:
    """The same text has the same numbers; they mean nothing."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return [byte / 255 for byte in digest[:DIMENSIONS]]


def _entry(model: str) -> dict[str, Any]:
    return {"name": model, "model": model, "modified_at": EPOCH, **_facts(), "size": 0, "digest": "0" * 64}


def _facts() -> dict[str, Any]:
    details = {"parent_model": "", "format": "scripted", "family": "scripted", "families": ["scripted"]}
    return {"details": {**details, "parameter_size": "0", "quantization_level": ""}}


def _tokens(texts: list[str]) -> int:
    return sum(-(-len(text) // 4) for text in texts)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
