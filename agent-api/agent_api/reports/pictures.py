"""Whether a file is a whole picture, by its first and last bytes: a screenshot that is shown has to be one."""

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "image/png"),
    (b"\xff\xd8\xff", b"\xff\xd9", "image/jpeg"),
    (b"GIF87a", b";", "image/gif"),
    (b"GIF89a", b";", "image/gif"),
)
_RIFF, _WEBP = slice(0, 4), slice(8, 12)


def media_type(content: bytes) -> str | None:
    """`image/png`, `image/jpeg`, `image/gif` or `image/webp`; None for what is no picture, or a part of one."""
    if content[_RIFF] == b"RIFF" and content[_WEBP] == b"WEBP":
        whole = int.from_bytes(content[4:8], "little") + 8 <= len(content)
        return "image/webp" if whole else None
    for begin, end, kind in _KINDS:
        if content.startswith(begin):
            return kind if content.rstrip(b"\0\n").endswith(end) else None
    return None
