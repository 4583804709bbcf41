"""The redactor: takes secrets out of a text, a value of JSON, or bytes. One for each process, as each has one log."""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from services.redaction.forms import forms_of
from services.redaction.shapes import found_in

# Names of variables that hold a secret. A hash of one (WFHUB_TOKEN_SHA256) ends differently and is none.
SECRET_NAMES = ("_API_KEY", "_SECRET", "_PASSWORD", "_TOKEN", "_SECRET_KEY", "_SECRET_KEYS_BEFORE", "_CREDENTIALS",
                "_ACCESS_KEY", "_PRIVATE_KEY", "_PASSPHRASE")  # fmt: skip

# A longer text is looked through once: a run's details are written again and again with the same prompt in them.
REMEMBERED_FROM, REMEMBERED_TO, MOST_REMEMBERED = 512, 65_536, 64

WORD, MOST_WORDS = 32, 512  # so are the short ones, such as the names of members, which come in each value

TEXTS = ("json", "xml", "yaml", "javascript", "x-ndjson", "diff", "x-patch")

HASHES = "REDACT_SHA256"
LONG_WORD = re.compile(r"[A-Za-z0-9_-]{24,512}")

Name = Callable[[str, str], str]  # of what kind it is and the secret, to what is written in its place


def mark(kind: str, _secret: str) -> str:
    """`[redacted:WFHUB_TOKEN]`: it tells which secret stood there, and is safe inside JSON, a URL and a shell word."""
    return f"[redacted:{kind}]"


class Redactor:
    """Knows secrets by name. Any thread may use it.

    Several may learn the same secret; it is known until the last one lets go of it.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._hashes: dict[str, str] = {}
        self._clean: set[str] = set()
        self._clean_words: set[str] = set()
        self._forms: tuple[tuple[str, str], ...] = ()  # form and name, the longest first: a URL before its password

    @property
    def forms(self) -> tuple[tuple[str, str], ...]:
        return self._forms

    def learn(self, name: str, secret: str) -> None:
        """From now on `secret` and its encoded forms are taken out. Too short or too plain a one is not (forms.py)."""
        with self._lock:
            self._counts[name, secret] += 1
            self._set()

    def learn_hash(self, name: str, sha256: str) -> None:
        """For a process that may not have the secret itself: a long word with this hex SHA-256 is taken out."""
        with self._lock:
            self._hashes = {**self._hashes, sha256: name}
            self._clean, self._clean_words = set(), set()

    def forget(self, name: str, secret: str) -> None:
        with self._lock:
            self._counts[name, secret] -= 1
            self._counts += Counter()  # drops what nobody holds
            self._set()

    @contextmanager
    def knowing(self, name: str, secret: str) -> Iterator[None]:
        """Knows the secret while it is in use."""
        self.learn(name, secret)
        try:
            yield
        finally:
            self.forget(name, secret)

    def learn_environment(self, environ: Mapping[str, str]) -> None:
        """Every variable named like a secret, by its parts where it holds several, and the passwords in addresses; and
        what REDACT_SHA256 (see `hashes_of`) tells of the secrets that this process was not given."""
        for name, value in environ.items():
            if name == HASHES:
                for told in value.split(","):
                    self.learn_hash(*told.split(":", 1))
            elif name.upper().endswith(SECRET_NAMES) and value:
                for part in value.split(",") if "KEYS" in name else (value,):
                    self.learn(name, part)
            elif "://" in value and "@" in value:
                for password in passwords_in(value):
                    self.learn(f"password in {name}", password)

    def __call__(self, text: str, written: Name = mark) -> str:
        """The text without secrets. The same text, if it holds none."""
        words = len(text) <= WORD
        known = self._clean_words if words else self._clean  # one that is dropped meanwhile is not added to any more
        if text in known:
            return text
        clean = self._without(text, written)
        if clean == text and (words or REMEMBERED_FROM < len(text) < REMEMBERED_TO):
            if len(known) >= (MOST_WORDS if words else MOST_REMEMBERED):
                known.clear()
            known.add(text)
        return clean

    def _without(self, text: str, written: Name) -> str:
        for form, name in self._forms:
            if form in text:
                text = text.replace(form, written(name, form))
        if self._hashes:
            text = LONG_WORD.sub(lambda word: self._word(word[0], written), text)
        found = found_in(text)
        if not found:
            return text
        parts: list[str] = []
        at = 0
        for _begin, _end, match, shape in found:
            parts += (text[at : match.start(1)], written(shape.name, match[1]))
            at = match.end(1)
        return "".join([*parts, text[at:]])

    def _word(self, word: str, written: Name) -> str:
        name = self._hashes.get(hashlib.sha256(word.encode()).hexdigest())
        return word if name is None else written(name, word)

    def value(self, value: Any, written: Name = mark) -> Any:
        """A value of JSON with every text in it redacted, keys too. What holds no secret is given back as it is."""
        if isinstance(value, str):
            return self(value, written)
        if isinstance(value, dict):
            return {self(str(key), written): self.value(inner, written) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner, written) for inner in value]
        return value

    def file(self, data: bytes, media_type: str) -> bytes:
        """A file that holds text by its media type; any other is given back as it is."""
        kind = media_type.partition(";")[0].strip().lower()
        return self.data(data) if kind.startswith("text/") or kind.endswith(TEXTS) else data

    def data(self, data: bytes) -> bytes:
        """Bytes of a text file. What is not UTF-8 is read byte by byte, so that nothing else of it changes."""
        try:
            encoding, text = "utf-8", data.decode("utf-8")
        except UnicodeDecodeError:
            encoding, text = "latin-1", data.decode("latin-1")
        clean = self(text)
        return data if clean == text else clean.encode(encoding)

    def _set(self) -> None:
        found = {form: name for name, secret in self._counts for form in forms_of(secret)}
        self._forms = tuple(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))
        self._clean, self._clean_words = set(), set()


def hashes_of(environ: Mapping[str, str]) -> dict[str, str]:
    """A variable for a process that may not have these secrets, but has to know them when it sees one.

    Only of long ones: a short one could be guessed from its hash.
    """
    told = [
        f"{name}:{hashlib.sha256(value.encode()).hexdigest()}"
        for name, value in sorted(environ.items())
        if name.upper().endswith(SECRET_NAMES) and LONG_WORD.fullmatch(value)
    ]
    return {HASHES: ",".join(told)} if told else {}


def passwords_in(value: str) -> set[str]:
    """The password of an address, as written and as meant; several addresses may stand in a list."""
    found: set[str] = set()
    for part in value.replace(",", " ").split():
        try:
            password = urlsplit(part).password
        except ValueError:
            continue  # no address; a shape may still know it
        if password:
            found |= {password, unquote(password)}
    return found


KNOWN = Redactor()  # of this process: it is asked from places that share nothing else, such as a log's last step
