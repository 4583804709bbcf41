"""Raw lines as texts without secrets, line by line the same lines: also where one secret goes over several of them."""

from collections.abc import Sequence

from services.log_files.opened import OpenFile
from services.redaction import KNOWN

_KEY = b"PRIVATE KEY"


def clean_lines(file: OpenFile, start: int, data: bytes, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The lines at `spans` of `data`, which stands at `start` of the file. What is no UTF-8 is spelt out."""
    if not spans:
        return []
    before = file.before(start)
    if _KEY not in data and _KEY not in before:
        return _clean([_text(data[begin:end]) for begin, end in spans])
    above = _text(before).count("\n")
    whole = _clean(_text(before + data).split("\n"))[above:]
    return [whole[data.count(b"\n", 0, begin)] for begin, _ in spans]


def _clean(lines: Sequence[str]) -> list[str]:
    """All at once: one secret costs a search of its own in each text."""
    return KNOWN("\n".join(lines), _mark).split("\n")


def _mark(kind: str, secret: str) -> str:
    return f"[redacted:{kind}]" + "\n" * secret.count("\n")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").replace("\r", "␍")
