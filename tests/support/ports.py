"""Ports for servers that tests start, and start again."""

import random
import socket

# Below the range that Linux and macOS give to outgoing connections: while a server is down between two lives, nobody's
# connection happens to take its port.
FIRST, LAST = 12_000, 32_000
TRIES = 200


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    for port in random.SystemRandom().sample(range(FIRST, LAST), TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"None of {TRIES} ports from {FIRST} to {LAST} is free.")
