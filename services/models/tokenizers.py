"""Models' own tokenizers, kept as `tokenizer.json` files: made from what Ollama tells of a model, or put there by hand.

Ollama has no address that counts tokens (its issue 12031), but `/api/show` with `verbose` tells the vocabulary and the
merges of a byte-level BPE: all that counting takes, without a download.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from services.models.errors import TokenizerUnusable

log = structlog.get_logger(__name__)
KEPT = 2  # tokenizers in memory; one of 150,000 tokens takes about 60 MB
# How a text is cut before the merges, by GGUF's `tokenizer.ggml.pre`: the patterns that the models publish.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{digits}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CUTS = {
    "qwen2": _WORDS.format(digits=""),
    "llama-bpe": _WORDS.format(digits="{1,3}"),
    "llama3": _WORDS.format(digits="{1,3}"),
}
_PLAIN = frozenset({"gpt-2", "default", ""})


def tokenizer_from_show(name: str, show: Mapping[str, Any]) -> str:
    """The text of a `tokenizer.json`. Raises TokenizerUnusable for a kind of tokenizer that can't be made from it."""
    info: Mapping[str, Any] = show.get("model_info") or {}
    tokens, merges = info.get("tokenizer.ggml.tokens"), info.get("tokenizer.ggml.merges")
    kind, cut = info.get("tokenizer.ggml.model"), str(info.get("tokenizer.ggml.pre") or "")
    if kind != "gpt2" or not isinstance(tokens, list) or not isinstance(merges, list):
        raise _unusable(name, f"its kind is {kind or 'not told'}, not a byte-level BPE whose merges are told")
    if cut not in _CUTS and cut not in _PLAIN:
        raise _unusable(name, f"nobody knows here how {cut!r} cuts words")
    steps: list[dict[str, Any]] = []
    if cut in _CUTS:
        pattern = {"Regex": _CUTS[cut]}
        steps.append({"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False})
    plain = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": cut in _PLAIN}
    model = {"type": "BPE", "vocab": {token: number for number, token in enumerate(tokens)}, "merges": merges}
    whole = {
        "version": "1.0",
        "normalizer": {"type": "NFC"} if cut == "qwen2" else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*steps, plain]},
        "model": {**model, "fuse_unk": False, "byte_fallback": False, "ignore_merges": cut in ("llama-bpe", "llama3")},
    }
    return json.dumps(whole, ensure_ascii=False)


class Tokenizers:
    """Counters of the models that have a file in `folder`. A file that can't be used is told once and left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[Path, tuple[int, Callable[[str], int] | None]] = {}

    def path(self, name: str) -> Path:
        """Where the tokenizer of `provider/name` lies."""
        return _file_of(self._folder, name)

    def counter(self, name: str) -> Callable[[str], int] | None:
        """Counts as the model does; None where there is no tokenizer. The first call of a model takes a second."""
        path = self.path(name)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return None
        known = self._loaded.pop(path, None)
        if known is None or known[0] != changed:
            known = changed, _load(path)
        self._loaded[path] = known  # the last one used is the last to go
        while len(self._loaded) > KEPT:
            del self._loaded[next(iter(self._loaded))]
        return known[1]

    def is_at_hand(self, name: str) -> bool:
        """Whether `counter` answers without loading anything."""
        path = self.path(name)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return True
        return path in self._loaded and self._loaded[path][0] == changed

    def keep(self, name: str, text: str) -> Path:
        """Writes a model's tokenizer whole or not at all. Raises TokenizerUnusable where it can't be loaded."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".new")
        made.write_text(text, encoding="utf-8")
        if _load(made) is None:
            made.unlink()
            raise _unusable(name, "the tokenizers library does not take it")
        return made.replace(path)


@lru_cache(maxsize=256)
def _file_of(folder: Path, name: str) -> Path:
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}.json"


def _load(path: Path) -> Callable[[str], int] | None:
    from tokenizers import Tokenizer  # a tenth of a second, and only where there is a file

    try:
        loaded = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 - the library raises Exception itself
        log.warning("models.tokenizer_unusable", file=str(path), error=str(error))
        return None

    def count(text: str) -> int:
        return len(loaded.encode(text, add_special_tokens=False).ids)

    return count


def _unusable(name: str, why: str) -> TokenizerUnusable:
    return TokenizerUnusable(
        f"No tokenizer can be made for {name}: {why}.",
        "Its tokens are estimated, on the high side; or put its tokenizer.json into the folder docs/models.md names.",
    )
