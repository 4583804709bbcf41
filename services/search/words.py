"""What somebody typed, as words that any database can look for; and a text around the words that were found."""

import re
import unicodedata
from dataclasses import dataclass

MOST_WORDS = 12
BEFORE, LONGEST = 60, 240  # characters of a snippet before its first match, and in all
_NO_WORD = frozenset("PSZC")  # punctuation, symbols (emoji), spaces, control characters


@dataclass(frozen=True)
class Piece:
    """A part of a snippet; `match`: it is one of the words that were looked for."""

    text: str
    match: bool


def words_of(typed: str) -> list[str]:
    """Without accents and case, each once, at most MOST_WORDS: quotes and operators are but spaces between them."""
    spaced = "".join(" " if unicodedata.category(c)[0] in _NO_WORD else c for c in plain(typed))
    return list(dict.fromkeys(spaced.split()))[:MOST_WORDS]


def plain(text: str) -> str:
    """Lower case without the accents of Latin, Greek and Cyrillic letters, as both databases compare."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not "\u0300" <= c <= "\u036f")


def snippet(text: str, words: list[str]) -> list[Piece]:
    """The text around the first word that begins like one of these, in pieces; its start when there is none."""
    found = _beginning(words).search(text) if words else None
    start = max(0, found.start() - BEFORE) if found else 0
    if start:
        start = _after_space(text, start)
    part = " ".join(text[start : start + LONGEST].split())
    pieces: list[Piece] = [Piece("… ", False)] if start else []
    at = 0
    for match in _beginning(words).finditer(part) if words else ():
        pieces += [Piece(part[at : match.start()], False), Piece(match.group(), True)]
        at = match.end()
    pieces.append(Piece(part[at:] + (" …" if start + LONGEST < len(text) else ""), False))
    return [piece for piece in pieces if piece.text]


def _beginning(words: list[str]) -> re.Pattern[str]:
    """Any of the words where a word begins, whatever its accents: each letter may be followed by some."""
    loose = ("".join(f"{_any_accent(c)}[\u0300-\u036f]*" for c in word) for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(loose)})", re.IGNORECASE)


def _any_accent(letter: str) -> str:
    return f"[{re.escape(letter)}{re.escape(_ACCENTED[letter])}]" if letter in _ACCENTED else re.escape(letter)


def _after_space(text: str, start: int) -> int:
    """Where the next word begins, if that is near: a snippet need not begin within one."""
    space = text.find(" ", start, start + 20)
    return space + 1 if space >= 0 else start


def _accented() -> dict[str, str]:
    """By plain letter, the letters that it is without their accents."""
    found: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000)):
        letter = chr(code).lower()
        bare = plain(letter)
        if len(bare) == 1 and bare != letter and letter not in found.get(bare, ""):
            found[bare] = found.get(bare, "") + letter
    return found


_ACCENTED = _accented()
