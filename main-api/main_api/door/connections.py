"""One connection's limits: its headers' size, how slowly they or a body's rest may come, and how slowly it may read."""

import asyncio
import socket
from typing import Any

from starlette.responses import JSONResponse
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from main_api.door.headers import ALWAYS
from main_api.door.together import Together
from main_api.errors import MEDIA_TYPE, problem
from main_api.settings import MainSettings

LAST_WORDS_SECONDS = 1.0  # for the frame or the answer that says why a connection ends


def limited_http(settings: MainSettings) -> type[HttpToolsProtocol]:
    """The protocol with these limits: uvicorn makes one object of it for each connection."""

    class Limited(LimitedHttp):
        most_connections = settings.max_connections
        most_header_bytes = settings.max_header_bytes
        header_seconds = settings.header_timeout_seconds
        body_seconds = settings.body_timeout_seconds
        reader_seconds = settings.reader_timeout_seconds

    return Limited


def limited_websocket(settings: MainSettings) -> type[WebSocketsSansIOProtocol]:
    class Limited(LimitedWebSocket):
        reader_seconds = settings.reader_timeout_seconds

    return Limited


class Reader(asyncio.Protocol):
    """A reader that takes nothing for too long loses its connection.

    `transport.close` alone would wait for it: a connection ends when all that was written is read.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    reader_seconds: float
    _unread: asyncio.TimerHandle | None = None

    def watch_reader(self) -> None:
        """The kernel's own limit, where it has one, also covers what is too little to make us pause."""
        made = self.transport.get_extra_info("socket")
        if made is not None and made.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self.reader_seconds * 1000))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.reader_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._goes_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._goes_on()
        super().connection_lost(exc)

    def _goes_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


class LimitedWebSocket(Reader, WebSocketsSansIOProtocol):
    """uvicorn's own ends the connection of who answers no ping only when they have read all of it."""

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)


class LimitedHttp(Reader, HttpToolsProtocol):
    """uvicorn's own limits neither the size of headers nor the time that they, or a reader, may take."""

    most_connections: int
    most_header_bytes: int
    header_seconds: float
    body_seconds: float
    _header_bytes: int | None = 0  # of the request whose headers come now; None: they are complete
    _idle_since = 0.0
    _whole = True  # the last request's body has come
    _ending = False  # all is said, and what still comes is dropped
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.watch_reader()
        self._idle_since = self.loop.time()
        if len(self.connections) > self.most_connections and not self._made_room():
            self._refuse("too_many_connections", 503, "Too many connections are open.", "Close some, or try again.")
            self.transport.close()  # at once: it must not add to what is open
            return
        self._wait_for(self.header_seconds, self._slow_headers)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)
        self.cycle = None  # type: ignore[assignment]  # it closes by us: each would keep the other in memory

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        if self._header_bytes is not None:
            if self._header_bytes == 0 and self._patience is None:
                self._wait_for(self.header_seconds, self._slow_headers)
            self._header_bytes += len(data)
        super().data_received(data)
        if self._header_bytes is not None and self._header_bytes > self.most_header_bytes:
            self._refuse(
                "headers_too_large", 431, "The headers are too long.", "Send fewer, or raise MAX_HEADER_BYTES."
            )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._whole = False

    def on_headers_complete(self) -> None:
        self._header_bytes = None
        self._stop_waiting()
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # it is not an upgrade
            self.cycle.transport = Together(self.transport, self.loop, self._close)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        self._whole, self._header_bytes = True, 0
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._ending:
            self.pipeline.clear()
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if (
            not self._whole and not self._ending
        ):  # it was answered before it was read: what is left of it may not come for ever
            self._wait_for(self.body_seconds, self.transport.abort)

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _made_room(self) -> bool:
        """Ends a connection on which nobody waits for an answer, so that who only holds them keeps no one out."""
        others = (c for c in self.connections if c is not self and isinstance(c, LimitedHttp) and c._idle())
        found = min(others, key=lambda c: c._idle_since, default=None)
        if found is not None:
            found.transport.abort()
        return found is not None

    def _wait_for(self, seconds: float, then: Any) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(seconds, then)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _slow_headers(self) -> None:
        if self._header_bytes:
            self._refuse("headers_too_slow", 408, "The headers came too slowly.", "Send them at once.")
        else:
            self.transport.close()

    def _refuse(self, code: str, status: int, sentence: str, way_out: str) -> None:
        """Before there is a request the app could answer; then the connection ends, whatever else comes."""
        self._stop_waiting()
        if not self.transport.is_closing() and self._idle():
            self.transport.write(_raw(problem(code, status, sentence, way_out)))
            self._end_in_stages()
        else:
            self.transport.close()

    def _close(self) -> None:
        """After an answer that says so."""
        if self._whole:
            self.transport.close()
        else:
            self._end_in_stages()

    def _end_in_stages(self) -> None:
        """Says that no more will be said, and takes what still comes until the caller has closed as well.

        Closed at once, what comes afterwards would be answered by a reset, which can cost the caller the answer before
        it is read (RFC 9112, section 9.6).
        """
        self._ending = True
        if not self.transport.is_closing() and self.transport.can_write_eof():
            self.transport.write_eof()
            self._wait_for(LAST_WORDS_SECONDS, self.transport.close)
        else:
            self.transport.close()


def _raw(answer: JSONResponse) -> bytes:
    headers = {b"content-type": MEDIA_TYPE.encode(), b"connection": b"close", b"cache-control": b"no-store", **ALWAYS}
    if answer.status_code == 503:
        headers[b"retry-after"] = b"5"
    headers[b"content-length"] = str(len(answer.body)).encode()
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status_code} Refused\r\n".encode() + lines + b"\r\n" + bytes(answer.body)
