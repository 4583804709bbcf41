"""Which names the hub answers to, and whose page may call it: what a browser says in Host, Origin and Sec-Fetch-*."""

import ipaddress
import re
from collections.abc import Iterable, Set

from starlette.datastructures import Headers

from main_api.refusals import HostRefused, OriginRefused

HOST = re.compile(r"(\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(:(?P<port>\d{1,5}))?")
ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
FROM_HERE = frozenset({"same-origin", "none"})  # Sec-Fetch-Site: our page, or what a person typed
TOP_LEVEL = ("navigate", "document")  # a link that was clicked: the answer is shown under our own name


def host_name(host: str) -> str:
    """The name in a Host header: lower case, without port, brackets or its trailing dot; empty if it is none."""
    match = HOST.fullmatch(host.lower())
    if match is None or int(match["port"] or 0) > 65535:
        return ""
    if match["v6"]:
        try:
            return str(ipaddress.IPv6Address(match["v6"]))  # one address may be written in several ways
        except ValueError:
            return ""
    return match["name"].removesuffix(".")


def known_hosts(names: Iterable[str]) -> frozenset[str]:
    """Names as a person writes them in ALLOWED_HOSTS, an IPv6 address with or without brackets."""
    plain = (name.strip().strip("[]") for name in names)
    return frozenset(host_name(f"[{name}]" if ":" in name else name) for name in plain) - {""}


def check_host(headers: Headers, hosts: Set[str]) -> None:
    """Exactly one Host, and one of ours: a page that rebinds its name to this machine still sends its own name."""
    if len(headers.getlist("host")) != 1 or host_name(headers["host"]) not in hosts:
        raise HostRefused("This hub does not go by that name.", "Add the name to ALLOWED_HOSTS in .env.")


def check_origin(headers: Headers, origins: Set[str]) -> None:
    """A page of the hub's own, an allowed one, or no page at all (curl, the CLI)."""
    for origin in headers.getlist("origin"):
        own = {f"http://{headers['host']}".lower(), f"https://{headers['host']}".lower()}
        if origin.lower() not in own | origins:
            raise OriginRefused(
                "A web page from elsewhere may not call this hub.", "Add its origin to ALLOWED_ORIGINS in .env."
            )


def check_fetch_site(headers: Headers, opens: bool) -> None:
    """The second lock: browsers say that another page asks also where they send no Origin.

    Where an Origin is there, it was checked. `opens` says that the address is one that links may lead to.
    """
    if "origin" in headers or FROM_HERE.issuperset(headers.getlist("sec-fetch-site")):
        return
    if opens and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == TOP_LEVEL:
        return
    raise OriginRefused("A web page from elsewhere may not read this hub.", "Open the hub's own page.")
