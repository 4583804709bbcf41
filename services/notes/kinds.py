"""The kinds of notes, and how long one may be."""

import hashlib
from typing import Literal

NoteKind = Literal["note", "decision", "file", "open"]
MOST_CHARACTERS = 2_000


def digest_of(kind: str, text: str) -> str:
    """Two notes are the same where this is."""
    return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
