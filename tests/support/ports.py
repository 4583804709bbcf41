"""Ports for servers that tests start, and start again."""

import errno
import fcntl
import random
import socket
from pathlib import Path

# Below the range that Linux and macOS give to outgoing connections: while a server is down between two lives, nobody's
# connection happens to take its port.
FIRST, LAST = 12_000, 32_000
TRIES = 200
_taken: set[int] = set()
_register = Path(__file__).open("rb+")  # noqa: SIM115 - of this process until it ends: a byte of it is locked for each port


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens, and that no other test of this checkout is given."""
    for port in random.SystemRandom().sample(range(FIRST, LAST), TRIES):
        if port in _taken or not _ours(port) or not _nobody_listens(port):
            continue
        _taken.add(port)
        return port
    raise RuntimeError(f"None of {TRIES} ports from {FIRST} to {LAST} is free.")


def _ours(port: int) -> bool:
    """Between the choice and the moment that the server listens, other processes of tests choose as well."""
    try:
        fcntl.lockf(_register, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        return False
    return True


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
