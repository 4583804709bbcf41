"""How often signing in may fail: a bucket for each client that leaks with time, and one for all together."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_CLIENTS = 1000  # kept in memory; who comes back after so many others begins anew, and the bucket for all holds
EVERYBODY = ""


@dataclass(frozen=True)
class Limits:
    """So many failures in `seconds`, by one client and by all together."""

    per_client: int
    overall: int
    seconds: float


class FailedSignIns:
    """Counts failures. A right token or link is never counted, and never refused because of another client.

    Many programs share an address on this machine, behind Docker's gateway or Caddy: from there what is right is let
    in whatever others do, and only what is wrong gets the limit. A public address is one client: it is shut out whole.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # level, when

    def failed(self, address: str) -> int:
        """Notes one; answers in how many seconds to come back, 0 while it is within the limits."""
        waits = [self._add(EVERYBODY, self._limits.overall)]
        waits.append(self._add(client_of(address), self._limits.per_client))
        return max(waits)

    def shut_out(self, address: str) -> int:
        """In how many seconds this client may try again; 0 for one that may, and for an address that many share."""
        if is_shared(address):
            return 0
        level, _ = self._level(client_of(address), self._limits.per_client)
        return self._wait(level + 1, self._limits.per_client)

    def _level(self, key: str, most: int) -> tuple[float, float]:
        at = self._clock()
        level, then = self._buckets.get(key, (0.0, at))
        return max(0.0, level - (at - then) * most / self._limits.seconds), at

    def _add(self, key: str, most: int) -> int:
        level, at = self._level(key, most)
        wait = self._wait(level + 1, most)
        self._buckets[key] = (level if wait else level + 1, at)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait

    def _wait(self, level: float, most: int) -> int:
        """Whole seconds, at least one, until a failure would fit again."""
        over = level - most
        return max(1, math.ceil(over * self._limits.seconds / most)) if over > 0 else 0


def client_of(address: str) -> str:
    """One client: an IPv4 address, or the /64 that a household gets of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def is_shared(address: str) -> bool:
    """Whether several clients may come from it: this machine, and private networks with their gateways."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True  # no address at all: a test's transport, or a socket of this machine
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return not (mapped or ip).is_global
