"""The way out for projects' setups: an HTTPS proxy for agent-api alone, to public addresses alone."""

import asyncio
import base64
import hmac
import ipaddress
import re
import socket
from collections.abc import Iterable

import structlog

from main_api.passages.streams import close, join

HEAD_BYTES, HEAD_SECONDS, CONNECT_SECONDS = 8192, 10, 20
HTTPS = 443
TARGET = re.compile(r"CONNECT ([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5}) HTTP/1\.[01]")
# Not `is_private`: documentation ranges are nobody's, and some company proxies answer under them.
OWN_NETWORKS = [ipaddress.ip_network(text) for text in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "64:ff9b::/96",
    "2002::/16", "2001::/32",
)]  # fmt: skip
log = structlog.get_logger()


class SetupProxy:
    """Answers CONNECT with the secret of `setup:SECRET`. Own and private networks are refused, by their address.

    `allowed` are `host:port` of the owner's package index, which may be private.
    """

    def __init__(self, host: str, port: int, secret: str, allowed: Iterable[str] = ()) -> None:
        self._host, self._port, self._allowed = host, port, frozenset(allowed)
        self._expected = f"setup:{secret}".encode()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        return self._server.sockets[0].getsockname()[1] if self._server else self._port

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=HEAD_BYTES)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            await close(writer)
            return
        status, there = await self._answer(head)
        if there is None:
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await close(writer)
            return
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await join((reader, writer), there)

    async def _answer(self, head: str) -> tuple[str, tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]:
        lines = head.split("\r\n")
        if not self._knows(lines[1:]):
            return '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="setup"', None
        target = TARGET.fullmatch(lines[0])
        if target is None:
            return "405 Method Not Allowed", None
        host, port = target[1].strip("[]"), int(target[2])
        address = await self._address(host, port)
        if address is None:
            log.warning("setup_proxy.refused", host=host, port=port)
            return "403 Forbidden", None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                there = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError):
            return "502 Bad Gateway", None
        log.info("setup_proxy.opened", host=host, port=port)
        return "200", there

    def _knows(self, headers: list[str]) -> bool:
        for line in headers:
            name, _, value = line.partition(":")
            scheme, _, text = value.strip().partition(" ")
            if name.strip().lower() == "proxy-authorization" and scheme.lower() == "basic":
                try:
                    return hmac.compare_digest(base64.b64decode(text, validate=True), self._expected)
                except ValueError:  # no Base64, or no ASCII
                    return False
        return False

    async def _address(self, host: str, port: int) -> str | None:
        """The address to connect to, the very one that was looked at; None when it may not be reached."""
        trusted = f"{host}:{port}" in self._allowed
        if port != HTTPS and not trusted:
            return None
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # a part of the name is too long for any
            return None
        addresses = [str(entry[4][0]) for entry in found]
        return next((one for one in addresses if trusted or is_public(one)), None)


def is_public(text: str) -> bool:
    """False for this machine, private networks, link-local (metadata) addresses and what wraps them."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not any(address in network for network in OWN_NETWORKS if network.version == address.version)
