"""Whom a client of ours believes over TLS."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that httpx comes with, read once: 50 ms, and 1 to 2 MB for each client that has its own."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def trusted_outside() -> ssl.SSLContext:
    """Those of `trusted`, and the machine's own: a company's too, where SSL_CERT_FILE or the system names it."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def trusted_for(*urls: str) -> ssl.SSLContext | bool:
    """The `verify` of a client that asks these addresses alone and follows nobody elsewhere: none where all are plain
    HTTP, as those of one machine are."""
    return trusted() if any(not url.startswith("http://") for url in urls) else False
