"""What a file is called and what it is, whatever its sender says."""

import mimetypes
import re
import unicodedata

LONGEST_NAME = 200
_DECLARED = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # what browsers show and Pillow can shrink
UNKNOWN = "application/octet-stream"
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they can show `exe.txt` for `txt.exe`


def file_name(given: str) -> str:
    """The last part of a path, without what can't be seen; never empty, at most LONGEST_NAME characters."""
    last = re.split(r"[/\\]", given)[-1]
    seen = "".join(c for c in last if unicodedata.category(c) != "Cc" and c not in _DIRECTION).strip(" .")
    if len(seen) > LONGEST_NAME:
        stem, dot, ending = seen.rpartition(".")
        kept = f".{ending}" if dot and len(ending) <= 20 else ""
        seen = (stem if kept else seen)[: LONGEST_NAME - len(kept)] + kept
    return seen or "file"


def media_type(head: bytes, declared: str, name: str) -> str:
    """By its first bytes; else as declared, unless that claims a picture; else by its name."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    said = declared.partition(";")[0].strip().lower()
    if not _DECLARED.fullmatch(said) or said == UNKNOWN:
        said = mimetypes.guess_type(name)[0] or UNKNOWN
    return UNKNOWN if said in PICTURES else said


def is_text(head: bytes) -> bool:
    """Whether a file that begins like this can be read as text: UTF-8 without NUL, but for a character cut in two."""
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
