"""The proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), as Python's own library reads it."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def behind_proxy(url: str) -> bool:
    """Whether calls of this address go through one; its host's name is looked up there then."""
    parts = urlsplit(url)
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname or "")
