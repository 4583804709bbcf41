"""Asks Asana: signed in by a personal access token, page by page; waits where it says so, tries again where that helps.

Errors: https://developers.asana.com/docs/errors; pages: /docs/pagination; limits: /docs/rate-limits.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.proxies import behind_proxy
from services.trackers.errors import (
    TrackerBusy,
    TrackerError,
    TrackerForbidden,
    TrackerNotFound,
    TrackerSignIn,
    TrackerUnreachable,
)
from services.trackers.provider import Write
from services.trusted import trusted_outside

BASE = "https://app.asana.com/api/1.0"
MOST = 100  # rows of a page, Asana's own limit
LONGEST_ANSWER = 32 << 20
PIECE = 1 << 16
AGAIN = {500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class AsanaLimits:
    """`seconds` for one call, `tries` of one that fails, `patience` seconds at most where Asana asks to wait."""

    seconds: float = 30.0
    tries: int = 4
    patience: float = 120.0


class AsanaClient:
    def __init__(self, token: str, base: str = BASE, limits: AsanaLimits | None = None) -> None:
        self._limits = limits or AsanaLimits()
        self._base = base.rstrip("/")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "workflow-hub"}
        trust = trusted_outside()
        self._http = httpx.AsyncClient(
            headers=headers, timeout=self._limits.seconds, follow_redirects=False, verify=trust
        )
        # files lie with somebody else, who must not get the token
        self._plain = httpx.AsyncClient(timeout=self._limits.seconds, follow_redirects=False, verify=trust)

    async def close(self) -> None:
        await self._http.aclose()
        await self._plain.aclose()

    async def get(self, path: str, **params: str | int) -> Any:
        """What stands under `data`."""
        return (await self._ask(path, params))["data"]

    async def page(
        self, path: str, after: str | None = None, most: int = MOST, **params: str
    ) -> tuple[list[Any], str | None]:
        """The rows, and the offset of the next page; None: that was all."""
        asked: dict[str, str | int] = {**params, "limit": min(most, MOST)}
        if after is not None:
            asked["offset"] = after
        body = await self._ask(path, asked)
        rows, following = body["data"], body.get("next_page") or {}
        if not isinstance(rows, list):
            raise _unreadable("a list was expected")
        return rows, following.get("offset")

    async def all(self, path: str, **params: str) -> AsyncIterator[Any]:
        after: str | None = None
        while True:
            rows, after = await self.page(path, after, MOST, **params)
            for row in rows:
                yield row
            if after is None:
                return

    async def download(self, url: str, write: Write) -> None:
        """From where Asana says the file lies. Raises TrackerForbidden where that leads into this machine's network."""
        await self._check_reach(url)
        try:
            async with self._plain.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise TrackerUnreachable(
                        f"The file's place answered {answer.status_code}.", "Import the task again.", provider="asana"
                    )
                async for piece in answer.aiter_bytes(PIECE):
                    await write(piece)
        except httpx.HTTPError as error:
            raise _away(error) from error

    async def _ask(self, path: str, params: Mapping[str, str | int]) -> dict[str, Any]:
        waited, failed = 0.0, 0
        while True:
            try:
                status, headers, body = await self._once(path, params)
            except httpx.HTTPError as error:
                failed += 1
                if failed >= self._limits.tries:
                    raise _away(error) from error
                await asyncio.sleep(_pause(failed))
                continue
            if status == httpx.codes.TOO_MANY_REQUESTS:
                seconds = _retry_after(headers)
                waited += seconds
                if waited > self._limits.patience:
                    raise TrackerBusy(
                        f"Asana asks to wait {seconds:.0f} s more.", "Try again then; what was imported stays.",
                        provider="asana", retry_after=seconds,
                    )  # fmt: skip
                await asyncio.sleep(seconds)
            elif status in AGAIN:
                failed += 1
                if failed >= self._limits.tries:
                    raise refusal(status, body)
                await asyncio.sleep(_pause(failed))
            elif status != httpx.codes.OK:
                raise refusal(status, body)
            elif not isinstance(body, dict) or "data" not in body:
                raise _unreadable("there is no `data` in it")
            else:
                return body

    async def _once(self, path: str, params: Mapping[str, str | int]) -> tuple[int, httpx.Headers, Any]:
        content = bytearray()
        async with self._http.stream("GET", f"{self._base}{path}", params=dict(params)) as answer:
            async for piece in answer.aiter_bytes(PIECE):
                content += piece
                if len(content) > LONGEST_ANSWER:
                    raise _unreadable(f"it is longer than {LONGEST_ANSWER >> 20} MB")
            try:
                body = httpx.Response(200, content=bytes(content)).json()
            except ValueError:
                body = None
            return answer.status_code, answer.headers, body

    async def _check_reach(self, url: str) -> None:
        parts, own = urlsplit(url), urlsplit(self._base)
        if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
            return
        if parts.scheme != "https" or not parts.hostname:
            raise TrackerForbidden("A file's address is no https address.", "Fetch it in Asana.", provider="asana")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, parts.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            if behind_proxy(url):
                return  # names of the world are looked up there; this machine connects to the proxy alone
            raise TrackerUnreachable(
                f"{parts.hostname}, where a file lies, can't be found.", "Look at your network.", provider="asana"
            ) from error
        for *_, address in found:
            if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
                raise TrackerForbidden(
                    f"A file's address leads to {address[0]}, into a private network.", "Fetch it in Asana.",
                    provider="asana",
                )  # fmt: skip


def refusal(status: int, body: Any) -> TrackerError:
    """By Asana's error body: `{"errors": [{"message", "help"?, "phrase"?}]}`."""
    said = _message(body)
    match status:
        case 401:
            return TrackerSignIn(
                "Asana does not accept the token.", "Make a new personal access token there and store it here.",
                provider="asana",
            )  # fmt: skip
        case 402 | 403 | 451:
            return TrackerForbidden(
                f"Asana does not allow that{said}.", "Sign in as somebody who may, or choose another project.",
                provider="asana",
            )  # fmt: skip
        case 404:
            return TrackerNotFound(
                f"Asana has no such thing, or does not show it to you{said}.", "Look whether it was deleted or moved.",
                provider="asana",
            )  # fmt: skip
        case 400 if "pagination token" in said:
            return TrackerError("Asana's list changed meanwhile.", "Begin the list anew.", provider="asana")
        case _ if status in AGAIN:
            return TrackerUnreachable(f"Asana answers {status}{said}.", "Try again later.", provider="asana")
        case _:
            return TrackerError(f"Asana answers {status}{said}.", "Look at what was asked.", provider="asana")


def _message(body: Any) -> str:
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    text = first.get("message") if isinstance(first, dict) else None
    return f" ({text[:300].rstrip('.')})" if isinstance(text, str) and text else ""


def _unreadable(why: str) -> TrackerUnreachable:
    return TrackerUnreachable(
        f"Asana's answer can't be read: {why}.", "Look whether something stands between the hub and Asana.",
        provider="asana",
    )  # fmt: skip


def _away(error: httpx.HTTPError) -> TrackerUnreachable:
    words = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "can't be reached"
    return TrackerUnreachable(
        f"Asana {words} ({type(error).__name__}).", "Look at your network, then try again.", provider="asana"
    )


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds, as Asana tells them; a minute where it tells nothing one can read."""
    try:
        return max(1.0, float(headers.get("retry-after", "60")))
    except ValueError:
        return 60.0


def _pause(failed: int) -> float:
    return random.uniform(0.5, 1.0) * 0.5 * 2**failed
