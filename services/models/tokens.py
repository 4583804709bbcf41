"""How many tokens a text comes to, at most, without any model's tokenizer.

The text is cut into pieces no longer than those that byte-pair tokenizers make of source code and prose: up to six
small letters with the space and the capital before them, three capitals, one digit (Qwen and Llama 2 count each), two
marks, eight spaces, two Cyrillic letters, one other character. Long runs of letters without a word in them, base64, and
scripts that vocabularies know little of count more.

Beside the larger count of cl100k and o200k it comes to 1.1 to 1.3 times as many for code, Markdown and YAML, 1.1 to 1.5
for JSON, 1.1 for base64, Chinese, Japanese and Hindi, 1.2 for German and Polish, 1.4 for Russian, 1.5 for hexadecimal
digits, 2 for tables of numbers. An upper bound as a rule: random printable characters come out 6 % too low.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

_PIECE = re.compile(
    r"[ _]?[A-Z]?[a-z]{1,6}|[ _]?[A-Z]{1,3}|\d| ?[!-/:-@\[-`{-~]{1,2}|\n?[ ]{1,8}(?=[ \n])|\s|[\u0400-\u04ff]{1,2}"
    r"|[^\x00-\x7f]|.",
    re.DOTALL,
)
# What stands in no vocabulary: a run and the tokens of one of its characters, beyond what its pieces count.
_LONG_WORD = re.compile(r"(?<![a-z])[a-z]{13,}|(?<![A-Z])[A-Z]{9,}")
_SHORTEST_RUN = 9  # of these and of the encoded ones; none holds a space
_LONG_WORD_TOKENS = 0.6
_ENCODED = re.compile(r"[A-Za-z0-9+/]{20,}")
_ENCODED_TOKENS = 0.8
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)", re.DOTALL)
_SCRIPTS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile("[\u0100-\u024f]"), 1.0),  # letters of Polish, Czech, Turkish …
    (re.compile("[\u0370-\u03ff\u0590-\u05ff\u0900-\u0dff]"), 0.2),  # Greek, Hebrew, the scripts of India
    (re.compile("[\u0e00-\u109f\u1200-\u1fff\u2c00-\u2fff\ua000-\uabff]"), 1.5),  # rarer ones: nearly byte by byte
    (re.compile("[\u0f00-\u0fff]"), 1.0),
    (re.compile("[\u2070-\u22ff\u2300-\u24ff]"), 0.5),  # signs
    (re.compile("[\u3400-\u9fff]"), 0.35),  # Chinese characters
    (re.compile("[\u3040-\u30ff]"), 0.1),  # kana
    (re.compile("[\U00010000-\U0010ffff]"), 3.0),  # emoji and the like: four bytes, each maybe a token
)
MESSAGE_OVERHEAD = 6  # role and separators that a chat template puts around each message
TEMPLATE_OVERHEAD = 32  # the system message that a template writes where there is none
TOOLS_OVERHEAD = 256  # its explanation of how to call tools
IMAGE_TOKENS = 1_500
_IMAGE_KEYS = frozenset({"images", "image_url", "input_audio"})


HUGE = 1_000_000  # characters; beyond it the worst of a character counts, for looking at each takes too long


MOST_KNOWN = 8192  # texts whose count is known; an agent's conversation comes again, longer, with each call
_known: dict[tuple[int, int], int] = {}  # by hash and length: no text is kept


def estimate(text: str) -> int:
    """Tokens of a text, rather too many than too few."""
    key = hash(text), len(text)
    counted = _known.get(key)
    if counted is None:
        counted = _estimate(text)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = counted
    return counted


def _estimate(text: str) -> int:
    if len(text) > HUGE:
        return math.ceil(len(text) * (_ENCODED_TOKENS if text.isascii() else 2.0))
    counted = float(_pieces(text))
    long = " ".join([word for word in text.split() if len(word) >= _SHORTEST_RUN])
    for run in _LONG_WORD.findall(long):
        counted += max(0.0, len(run) * _LONG_WORD_TOKENS - _pieces(run))
    for run in _ENCODED.findall(long):
        if _MIXED.match(run):
            counted += max(0.0, len(run) * _ENCODED_TOKENS - _pieces(run))
    if not text.isascii():
        counted += sum(extra * len(script.findall(text)) for script, extra in _SCRIPTS)
    return math.ceil(counted)


def _pieces(text: str) -> int:
    return len(_PIECE.findall(text))


def estimate_request(body: dict[str, Any], count: Callable[[str], int] = estimate) -> int:
    """Tokens of all that a model reads of a chat, completion or embedding request of any protocol.

    `count` counts one text; with a model's own tokenizer what its chat template adds is put on top.
    """
    asked = ("messages", "prompt", "suffix", "system", "input", "tools", "functions", "response_format", "format")
    counted = sum(_count(body[key], count) for key in asked if key in body)
    if count is not estimate:
        counted += TEMPLATE_OVERHEAD + (TOOLS_OVERHEAD if body.get("tools") else 0)
    return counted


def fewest_in_request(body: dict[str, Any], count: Callable[[str], int] = estimate) -> int:
    """Tokens of a request's texts at the least: one a word, for no tokenizer joins words; or what `count` says."""
    at_least = count if count is not estimate else _words
    return sum(at_least(text) for key in ("messages", "prompt", "system") for text in _texts(body.get(key)))


def _words(text: str) -> int:
    return len(text.split())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key in ("content", "text"):
            yield from _texts(value.get(key))


def _count(value: Any, count: Callable[[str], int]) -> int:
    if isinstance(value, str):
        return count(value)
    if isinstance(value, dict):
        if value.get("type") == "image" and "source" in value:  # Anthropic's pictures
            return IMAGE_TOKENS
        own = MESSAGE_OVERHEAD if "role" in value else 0
        return own + sum(_count_member(key, member, count) for key, member in value.items())
    if isinstance(value, list):
        if value and all(isinstance(item, int) for item in value):
            return len(value)  # a prompt that is already tokens
        return sum(_count(item, count) for item in value)
    return 1


def _count_member(key: str, member: Any, count: Callable[[str], int]) -> int:
    if key in _IMAGE_KEYS:
        return IMAGE_TOKENS * (len(member) if isinstance(member, list) else 1)
    return count(key) + _count(member, count)
