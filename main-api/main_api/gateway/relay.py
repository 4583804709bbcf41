"""Carries one model call: found in the store or asked of the provider, stored, then handed over."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from main_api.gateway.accounts import Accounts
from main_api.gateway.gateway import Gateway
from main_api.gateway.hiding import Hiding
from main_api.gateway.loads import load_first
from main_api.gateway.pinning import pinned_model
from main_api.gateway.question import Question, for_provider, sizes, wants_usage
from main_api.gateway.reading import Reading
from main_api.gateway.refusals import body_of, frame_of, headers_of, status_of
from main_api.gateway.standby import ask_in_order
from main_api.gateway.upstream import ask, chunks_of
from main_api.gateway.whole import check_read_whole
from services.domain.errors import HubError
from services.models.errors import UpstreamFailed
from services.models.ledger import Answer, Opened
from services.models.profiles import Profile
from services.models.providers import Protocol, Provider, resolve
from services.points import Point, reached

log = structlog.get_logger(__name__)
JSON = "application/json"
EVENTS = "text/event-stream; charset=utf-8"
WATCH_AFTER = 0.02  # seconds; most of what is answered sooner is answered to somebody who is still there
STREAMS = {"openai": EVENTS, "ollama": "application/x-ndjson", "anthropic": EVENTS}


class Relay(Response):
    """The answer to a question. When the client goes away before it is complete, the provider is cut off."""

    def __init__(self, gateway: Gateway, question: Question) -> None:
        super().__init__()
        self.gateway, self.question = gateway, question
        self._started = False  # the status has gone out
        self._begun = False  # a provider has sent the first byte, or the store
        self._followed = False  # another model stands in if this one fails
        self._whole = False  # the answer is complete: from here on it is kept whoever listens
        self._gone = self._cut = False  # the client has left; and before the answer was complete
        self._over = False
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        own = asyncio.current_task()
        assert own is not None
        soon = asyncio.get_running_loop().call_later(WATCH_AFTER, self._begin_to_watch, own)
        try:
            await self._carry()
        except asyncio.CancelledError:
            if not self._cut:
                raise  # main-api is being stopped
            own.uncancel()
        finally:
            self._over = True
            soon.cancel()
            if self._watch is not None:
                self._watch.cancel()

    def _begin_to_watch(self, own: "asyncio.Task[Any]") -> None:
        self._watch = asyncio.create_task(_until_gone(self._receive))
        self._watch.add_done_callback(lambda _: self._left(own))

    def _has_left(self) -> bool:
        return self._gone or _is_gone(self._receive)

    def _left(self, own: "asyncio.Task[Any]") -> None:
        """The client has gone, unless it is we who have finished."""
        if self._over:
            return
        self._gone = True
        if not self._whole:
            self._cut = own.cancel()

    async def _carry(self) -> None:
        """Every refusal leaves in the client's own shape."""
        try:
            async with self.gateway.turns.take(self.question.turn):
                await ask_in_order(self.gateway.standby, self.question, self._by, lambda: self._begun)
        except HubError as error:
            await self._refuse(error)
        except (ClientDisconnect, OSError) as error:
            log.info("gateway.client_gone", error=type(error).__name__)
        except Exception as error:
            log.error("gateway.broke", path=self.question.path, exc_info=error)
            await self._refuse(UpstreamFailed("The gateway failed on this call.", "See main-api's log; try again."))

    async def _by(self, question: Question, followed: bool) -> None:
        """By the model that the question names now."""
        self.question, self._followed = question, followed
        provider, model = resolve(self.gateway.providers, question.name)
        accounts = await Accounts.of(self.gateway, question, provider, model)
        await self._answer(accounts, provider, model)

    async def _answer(self, accounts: Accounts, provider: Provider, model: str) -> None:
        known, name = self.gateway.known, self.question.name
        profile, count = await known.profile(name), await known.counter(name)
        opened = await accounts.open(lambda: sizes(self.question, profile, count))
        if opened.stored is None:
            await self._ask(accounts, opened, provider, model, profile, count)
        else:
            stored = opened.stored
            await self._start(stored.status_code, stored.media_type, len(stored.body))
            await self._hand_over(accounts, opened, stored.body)

    async def _ask(
        self, accounts: Accounts, opened: Opened, provider: Provider, model: str, profile: Profile,
        count: Callable[[str], int],
    ) -> None:  # fmt: skip
        question = self.question
        reading = Reading(question.protocol, question.path, question.streamed, hide_usage=not wants_usage(question))
        media_type = STREAMS[question.protocol] if question.streamed else JSON
        begun, hiding = False, Hiding(self.gateway.secret)
        limit = self.gateway.fallback_seconds if self._followed else None
        try:
            await reached(Point.CALL_HELD, question.token.step)
            upstream_model = await pinned_model(self.gateway, provider, question, model, profile)
            await load_first(self.gateway, provider, question, upstream_model)
            shown = replace(question, body=hiding.hide(question.body))
            body = for_provider(shown, provider, upstream_model, profile)
            async with ask(
                self.gateway, provider, question.protocol, question.path, body, model, question.headers,
                begin_seconds=limit,
            ) as response:  # fmt: skip
                begun = True
                await reached(Point.CALL_ASKED, question.token.step)
                async for chunk in chunks_of(response, limit):
                    self._begun = True
                    accounts.first_byte()
                    passed = reading.feed(chunk)
                    accounts.check_length(reading.parts)
                    await self._pass_on(passed, media_type)
                    if question.streamed and reading.complete:
                        break
                reading.finish()
                check_read_whole(provider, shown.body, reading.used, count, question.name)
                self._whole = True
                rest = reading.held if question.streamed else hiding.put_back(reading.held)
                whole = reading.body if question.streamed else rest
                await accounts.store(opened, Answer(200, media_type, whole), reading.used)
                await reached(Point.CALL_STORED, question.token.step)
                await self._start(200, media_type, None if question.streamed else len(rest))
                await self._hand_over(accounts, opened, rest)
        except asyncio.CancelledError:
            if not self._whole:
                await accounts.abandon(opened)
            raise
        except Exception as error:
            if not self._whole:
                await accounts.fail(opened, error, begun)
            raise

    async def _pass_on(self, data: bytes, media_type: str) -> None:
        if data:
            await self._start(200, media_type)
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _hand_over(self, accounts: Accounts, opened: Opened, rest: bytes) -> None:
        """The last byte. A client that left before it has not got the answer, and may ask for it again."""
        self._whole = self._begun = True
        if self._has_left():
            return
        await self._send({"type": "http.response.body", "body": rest})
        await reached(Point.CALL_DELIVERED, self.question.token.step)
        accounts.delivered(opened)

    async def _start(self, status: int, media_type: str, length: int | None = None, **more: str) -> None:
        if not self._started:
            self._started = True
            headers = [(b"content-type", media_type.encode()), (b"cache-control", b"no-store")]
            headers += [(name.encode(), value.encode()) for name, value in more.items()]
            if length is not None:
                headers.append((b"content-length", str(length).encode()))
            await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _refuse(self, error: HubError) -> None:
        if self._gone:
            return
        body = frame_of(self.question.protocol, error) if self._started else body_of(self.question.protocol, error)
        await self._start(status_of(error), JSON, len(body), **headers_of(error))
        await self._send({"type": "http.response.body", "body": body})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_gone(receive: Receive) -> bool:
    """Whether the client has left by now: what `receive` answers without waiting."""
    waiting: Any = receive()
    try:
        waiting.send(None)
    except StopIteration as told:
        return told.value["type"] == "http.disconnect"
    waiting.close()  # it would wait
    return False


def refusal(protocol: Protocol, error: HubError) -> Response:
    """A refusal before there is a question."""
    return Response(body_of(protocol, error), status_of(error), headers_of(error), media_type=JSON)
