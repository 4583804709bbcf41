"""Redaction of a text that comes in pieces: a secret may be cut anywhere between two of them."""

import re

from services.redaction.redactor import Redactor
from services.redaction.shapes import HEADS, KEY_BEGIN, SHAPES, found_in

LONGEST_KNOWN = 512  # a form longer than this is found by its lines, or where it comes in one piece
LONGEST_SHAPE = 4_096
LONGEST_KEY = 16_384


class Stream:
    """Give it the pieces, write down what it gives back, and what `end` gives at the end.

    It keeps back only an end of the text that could be the beginning of a secret, so what a person watches stays live.
    A word is never cut: the next process that looks at the pieces may know secrets that this one doesn't.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._kept = ""
        self._last = ""  # the character before: it tells whether a word begins here
        self._known: tuple[tuple[str, str], ...] = ()
        self._beginnings: frozenset[str] = frozenset()
        self._longest = 0

    def feed(self, piece: str) -> str:
        text = self._last + self._kept + piece
        cut = max(self._safe(text), len(self._last))
        return self._give(text[:cut], text[cut:])

    def end(self) -> str:
        return self._give(self._last + self._kept, "")

    def _give(self, text: str, kept: str) -> str:
        clean = self._redactor(text)[len(self._last) :]
        self._last, self._kept = text[-1:], kept
        return clean

    def _safe(self, text: str) -> int:
        """How much of it can go: behind this place a secret may have begun."""
        key = text.rfind(KEY_BEGIN)
        if key >= 0 and len(text) - key < LONGEST_KEY and _may_be_key(text[key:]):
            return key
        word = _WORD.search(text, max(0, len(text) - LONGEST_KNOWN))
        cut = min(word.start() if word else len(text), _shape_begins(text), self._known_begins(text))
        return self._before_known(text, self._before_shape(text, cut))

    def _known_begins(self, text: str) -> int:
        if self._known is not self._redactor.forms:
            self._known = self._redactor.forms
            short = [form for form, _ in self._known if len(form) <= LONGEST_KNOWN]
            self._beginnings = frozenset(form[:size] for form in short for size in range(1, len(form)))
            self._longest = max(map(len, short), default=0)
        for size in range(min(self._longest - 1, len(text)), 0, -1):
            if text[-size:] in self._beginnings:
                return len(text) - size
        return len(text)

    def _before_known(self, text: str, cut: int) -> int:
        """A whole secret across the cut goes, or stays, as a whole: a part of it would not be known again."""
        for form, _ in self._known:
            at = text.find(form, max(0, cut - len(form) + 1), cut + len(form) - 1)
            if 0 <= at < cut < at + len(form):
                return self._before_known(text, at)
        return cut

    def _before_shape(self, text: str, cut: int) -> int:
        """The same for what looks like a key."""
        across = [begin for begin, end, _, _ in found_in(text) if begin < cut < end]
        return min(across, default=cut)


def _may_be_key(text: str) -> bool:
    """A private key that has not ended. Of `-----BEGIN CERTIFICATE-----` nothing has to be kept back."""
    line = re.match(r"-----BEGIN ([A-Z0-9 ]*)", text)
    if line is None or re.search(r"-----END [A-Z0-9 ]*-----", text):
        return False
    return line.end() == len(text) or "PRIVATE KEY" in line[1]


def _shape_begins(text: str) -> int:
    """Where a key of a known format may have begun that goes on to the end of the text; its length if nowhere."""
    begun = len(text)
    for head, number in HEADS:
        shape = SHAPES[number]
        at = text.find(head, max(0, len(text) - LONGEST_SHAPE)) if head != KEY_BEGIN else -1
        while 0 <= at < begun:
            if shape.begins_at(text, at) and _BODIES[number].fullmatch(text, at + len(head)):
                begun = at
                break
            at = text.find(head, at + 1)
    for size in range(min(_LONGEST_HEAD, len(text)), 0, -1):
        if text[-size:] in _BEGINNINGS:
            return min(begun, len(text) - size)
    return begun


_WORD = re.compile(r"[A-Za-z0-9_+/=%~-]+\Z")
_BODIES = tuple(re.compile(f"(?:{shape.body})*") for shape in SHAPES)
_BEGINNINGS = frozenset(head[:size] for head, _ in HEADS for size in range(1, len(head)))
_LONGEST_HEAD = max(len(head) for head, _ in HEADS) - 1
