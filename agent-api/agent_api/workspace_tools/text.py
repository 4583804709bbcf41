"""Bytes of a file as text, and back in the encoding they came in."""

import codecs
import io
from dataclasses import dataclass

from agent_api.errors import ToolRefused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACK = "latin-1"  # every byte has a character there, so nothing is lost on the way back


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec, and the byte order mark that the file begins with (empty: none)."""

    codec: str
    mark: bytes = b""

    @property
    def is_bytewise(self) -> bool:
        """Whether a line ends at the byte 0x0A, and nowhere else."""
        return not self.codec.startswith(("utf-16", "utf-32"))

    def decode(self, content: bytes) -> str:
        """Raises UnicodeDecodeError."""
        return content.removeprefix(self.mark).decode(self.codec)

    def encode(self, text: str, path: str) -> bytes:
        """Raises ToolRefused for a character that the file's encoding does not have."""
        try:
            return self.mark + text.encode(self.codec)
        except UnicodeEncodeError as error:
            wrong = error.object[error.start]
            raise ToolRefused(
                f"{path} is {self.codec} text, which has no {wrong!r}.",
                "Use other characters, or write the whole file.",
            ) from error


def lines_of(text: str) -> list[str]:
    """Its lines, each with its end: LF or CRLF, and nothing else that str.splitlines takes for one (form feeds)."""
    return io.StringIO(text, newline="\n").readlines()


def guess(head: bytes, path: str, named: str | None = None) -> Encoding:
    """The encoding of a file that begins so: named by the caller, told by a mark, else UTF-8 or Latin-1.

    Raises ToolRefused for bytes that are no text, and for a name that is no encoding.
    """
    mark, told = next(((mark, codec) for mark, codec in _BOMS if head.startswith(mark)), (b"", ""))
    if named is not None:
        try:
            info = codecs.lookup(named)
            "".encode(info.name)  # raises for codecs that are not of text, such as base64
        except LookupError as error:
            raise ToolRefused(f"{named!r} is no text encoding.", "Name one such as utf-8 or cp1252.") from error
        return Encoding(info.name, mark if told == info.name else b"")
    if told:
        return Encoding(told, mark)
    if b"\0" in head:
        raise ToolRefused(f"{path} is not a text file.", "Name its encoding if it is one; or use bash, e.g. file, xxd.")
    return Encoding("utf-8" if _is_utf8(head) else _FALLBACK)


def decode_whole(content: bytes, path: str) -> tuple[str, Encoding]:
    """A whole file's text. Raises ToolRefused for what is no text."""
    encoding = guess(content, path)
    try:
        return encoding.decode(content), encoding
    except UnicodeDecodeError as error:
        raise ToolRefused(f"{path} is not {encoding.codec} text, though it begins so: {error.reason}.") from error


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut at the end is none wrong
    except UnicodeDecodeError:
        return False
    return True
