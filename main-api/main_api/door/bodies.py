"""How much a request may send, by what it asks for, and how slowly."""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from main_api.ollama_proxy.tokens import ROOT as OLLAMA
from main_api.refusals import BodyTooLarge
from main_api.uploads import AROUND, PATHS, WITH_FILES

SIGN_IN_BYTES = 4_096  # before anybody is known
GATEWAY = "/gateway/"
WITH_PICTURE, PICTURE_BYTES = "/bugs", 10_000_000  # its screenshot comes within the JSON
SLOWEST = 1_000  # bytes a second on average, once the first BODY_TIMEOUT_SECONDS are over


@dataclass(frozen=True)
class BodyLimit:
    """`bytes` is the most; `setting` raises it, and is empty where none does."""

    bytes: int
    setting: str

    def check(self, headers: Headers) -> None:
        """What the request says of itself. Raises BodyTooLarge."""
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.bytes:
            raise self.refusal()

    def refusal(self) -> BodyTooLarge:
        more = f", or raise {self.setting}" if self.setting else ""
        return BodyTooLarge(f"The body is above {self.bytes} bytes.", f"Send less{more}.")


@dataclass(frozen=True)
class BodyLimits:
    """Bytes by kind of route; `seconds` is how long a sender may say nothing."""

    usual: int
    gateway: int
    file: int
    files: int  # of a request with its files, all of them together
    seconds: float

    def of(self, path: str, known: bool) -> BodyLimit:
        if not known:
            return BodyLimit(SIGN_IN_BYTES, "")
        if path.startswith((GATEWAY, OLLAMA)):
            return BodyLimit(self.gateway, "GATEWAY_MAX_BODY_BYTES")
        if PATHS.fullmatch(path):
            return BodyLimit(self.file + AROUND, "ATTACHMENT_MAX_BYTES")
        if path == WITH_FILES:
            return BodyLimit(self.files + AROUND, "REQUEST_MAX_BYTES")
        if path == WITH_PICTURE and self.usual < PICTURE_BYTES:
            return BodyLimit(PICTURE_BYTES, "MAX_BODY_BYTES")
        return BodyLimit(self.usual, "MAX_BODY_BYTES")

    def counted(self, receive: Receive, limit: BodyLimit) -> Receive:
        """Counts what comes, as a chunked body tells no length, and ends a body that comes too slowly."""
        loop = asyncio.get_running_loop()
        waited, seen, whole = 0.0, 0, False

        async def next_message() -> Message:
            nonlocal waited, seen, whole
            if whole:  # what comes now is the end of the connection, whenever that is
                return await receive()
            asked = loop.time()
            try:
                async with asyncio.timeout(min(self.seconds, self.seconds + seen / SLOWEST - waited)):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, "The body came too slowly.", {"Connection": "close"}) from error
            waited += loop.time() - asked  # what the hub takes for itself does not count
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if seen > limit.bytes:  # FastAPI passes HTTPException on, and makes 400 of anything else
                raise HTTPException(413, str(limit.refusal()))
            return message

        return next_message
