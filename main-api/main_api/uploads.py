"""Uploads: a multipart form with files, written to the disk as they come, so that their size costs no memory."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from main_api.refusals import UploadUnreadable
from services.files.incoming import Incoming
from services.files.names import file_name, media_type
from services.files.store import FileStore

PATHS = re.compile(r"/(tasks|requests|comments|bugs)/[^/]+/attachments|/tasks/[^/]+/proofs")
WITH_FILES = "/requests/with-files"
AROUND = 1 << 20  # bytes of a form around its file
FILE = "file"
MOST_FIELDS = 20
LONGEST_FIELD = 64_000  # bytes
WAY_OUT = "Send multipart/form-data with the file in the field `file`, as curl -F file=@photo.png does."

F = TypeVar("F", bound=BaseModel)


@dataclass
class Upload:
    """What came: the file, under its own name, and the form's other fields as they were sent."""

    file: Incoming
    name: str = ""
    declared: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        return media_type(self.file.head, self.declared, self.name)

    def read(self, model: type[F]) -> F:
        """The fields as this model, or the same 422 that a JSON body would get."""
        return read_fields(self.fields, model)


@dataclass
class Uploads:
    """A form with any number of files, in their order, and its other fields."""

    files: list[Upload]
    fields: dict[str, str]


def read_fields(fields: Mapping[str, str], model: type[F]) -> F:
    """A form's fields as this model, or the same 422 that a JSON body would get."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error


@asynccontextmanager
async def receive(request: Request, store: FileStore, max_bytes: int) -> AsyncIterator[Upload]:
    """A form with exactly one file; see receive_all."""
    async with receive_all(request, store, max_bytes) as uploads:
        yield uploads.files[0]


@asynccontextmanager
async def receive_all(
    request: Request, store: FileStore, max_bytes: int, most: int = 1, longest: int = LONGEST_FIELD
) -> AsyncIterator[Uploads]:
    """The whole upload of 1 to `most` files, on the disk but not yet in place: `await upload.file.keep()` puts one
    there. `longest` bounds a field, in bytes.

    Leaves nothing when it is cut, too large, unreadable, or when the caller's block fails. Raises UploadUnreadable,
    FileTooLarge, DiskFull, FilesUnwritable.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    async with AsyncExitStack() as coming:
        form = _Form(most, longest)
        uploads = Uploads([], form.fields)
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type] - a TypedDict of its own
        try:
            async for chunk in request.stream():
                parser.write(chunk)
                for piece in form.take():
                    if isinstance(piece, bytes):
                        await uploads.files[-1].file.write(piece)
                        continue
                    if uploads.files:
                        await uploads.files[-1].file.finish()
                    file = await coming.enter_async_context(store.incoming(max_bytes))
                    uploads.files.append(Upload(file, piece.name, piece.declared, form.fields))
        except FormParserError as error:
            raise UploadUnreadable("The form can't be read: it breaks the rules of multipart.", WAY_OUT) from error
        except ClientDisconnect as error:
            raise UploadUnreadable("The upload was cut; nothing of it was kept.", "Send it again.") from error
        form.check_end()
        await uploads.files[-1].file.finish()
        yield uploads


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise UploadUnreadable("The body is no multipart form.", WAY_OUT)
    return boundary


@dataclass(frozen=True)
class _Begins:
    """A file's part of the form begins."""

    name: str
    declared: str


class _Form:
    """Takes what the parser tells, and holds no more of a file than one chunk."""

    def __init__(self, most: int, longest: int) -> None:
        self.fields: dict[str, str] = {}
        self._most, self._longest = most, longest
        self._pieces: list[bytes | _Begins] = []
        self._header = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._name: str | None = None  # of the part that is being read; None: it is a file
        self._value = b""
        self._files = 0
        self._ended = False

    def callbacks(self) -> Mapping[str, Any]:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": lambda data, start, end: self._heard(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._heard(1, data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._content_begins,
            "on_part_data": self._content,
            "on_part_end": self._part_ends,
            "on_end": self._end,
        }

    def take(self) -> list[bytes | _Begins]:
        pieces, self._pieces = self._pieces, []
        return pieces

    def check_end(self) -> None:
        if not self._ended:
            raise UploadUnreadable("The form ends before its closing boundary; nothing of it was kept.", WAY_OUT)
        if not self._files:
            raise UploadUnreadable("The form has no file.", WAY_OUT)

    def _part_begins(self) -> None:
        self._headers, self._value = {}, b""

    def _heard(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_ends(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _content_begins(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = _text(options.get(b"name", b""))
        if self._name == FILE:
            self._files += 1
            if self._files > self._most:
                count = "one file" if self._most == 1 else f"{self._most} files"
                raise UploadUnreadable(f"The form has more than {count}.", "Send each file by itself.")
            declared = self._headers.get(b"content-type", b"").decode("latin-1")
            self._pieces.append(_Begins(file_name(_text(options.get(b"filename", b""))), declared))
            self._name = None
        elif b"filename" in options:
            raise UploadUnreadable("The form has a file under another name than `file`.", WAY_OUT)
        elif len(self.fields) >= MOST_FIELDS:
            raise UploadUnreadable(f"The form has more than {MOST_FIELDS} fields.", WAY_OUT)

    def _content(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            self._pieces.append(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > self._longest:
            raise UploadUnreadable("A field of the form is too long.", f"{self._longest} bytes are the most.")

    def _part_ends(self) -> None:
        if self._name is not None:
            self.fields[self._name] = _text(self._value)

    def _end(self) -> None:
        self._ended = True


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise UploadUnreadable("A field of the form is no UTF-8 text.", "Send its text as UTF-8.") from error
