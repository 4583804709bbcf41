"""One signed call of the person's webhook, by the Standard Webhooks specification 1.0 (standardwebhooks.com)."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.notices.errors import NoticeRefused
from services.trusted import trusted_outside

PREFIX = "whsec_"
GONE = 410


def signed(secret: str | None, id: str, body: bytes, at: int) -> dict[str, str]:
    """The headers: `webhook-id` is the same each time the item is told, `webhook-timestamp` is seconds since 1970,
    `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

    A secret that begins with `whsec_` is base64 of the key; another one is the key itself.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "workflow-hub", "webhook-id": id,
               "webhook-timestamp": str(at)}  # fmt: skip
    if secret is not None:
        digest = hmac.new(key_of(secret), f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return headers


def key_of(secret: str) -> bytes:
    """What calls are signed with. Raises NoticeRefused."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise NoticeRefused("What follows whsec_ in the secret is no base64.", "Copy it to its last =.") from error


async def call(url: str, secret: str | None, id: str, body: dict[str, Any], seconds: float) -> tuple[bool, str]:
    """Whether it was taken (any 2xx), and a sentence. Redirects are not followed, what it answers is
    not read; one's own machines are asked directly, others through the environment's proxy. Raises NoticeRefused for an
    address that is none of the owner's."""
    own = await _is_own(url)
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = signed(secret, id, content, int(time.time()))
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(
                trust_env=not own, verify=trusted_outside(), follow_redirects=False, timeout=seconds
            ) as http,
            http.stream("POST", url, content=content, headers=headers) as answer,
        ):
            status = answer.status_code
    except TimeoutError:
        return False, f"The webhook did not answer within {seconds:g} s."
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return False, f"The webhook can't be reached ({type(error).__name__})."
    if 300 <= status < 400:
        return False, f"The webhook answered {status}: redirects are not followed."
    return 200 <= status < 300, f"The webhook answered {status}."


async def _is_own(url: str) -> bool:
    """Whether it leads to the owner's own machines, which may be called, loopback too. Raises NoticeRefused: link-local
    addresses are those of clouds' metadata, and multicast or none at all lead to nobody."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # the call itself says that there is nobody, or the proxy knows the name
    ips = [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]
    ips = [getattr(ip, "ipv4_mapped", None) or ip for ip in ips]
    for ip in ips:
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise NoticeRefused(f"The webhook's address leads to {ip}, which is nobody's.", "Name another host.")
    return not any(ip.is_global for ip in ips)
