"""Tests make thousands of HTTP clients; each would read all certificates that are trusted, which takes 50 ms."""

import functools

from httpx._transports import default

default.create_ssl_context = functools.cache(default.create_ssl_context)  # type: ignore[attr-defined]
