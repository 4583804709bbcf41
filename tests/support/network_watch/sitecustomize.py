"""Loaded by every Python process that has this folder on its path: writes down, and refuses, what leaves the machine.

The list is `reached.txt` beside this file, and `watched.txt` has the processes: a test copies the file to a folder of
its own.
"""

import os
import sys
from ipaddress import ip_address
from pathlib import Path

REACHED = Path(__file__).with_name("reached.txt")
OWN_NAMES = {"", "localhost", "0.0.0.0", "::"}


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = str(address[0]) if isinstance(address, tuple) else ""  # a path: a socket of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = str(args[0] or "")
    else:
        return
    if not _is_own(host):
        with REACHED.open("a") as file:
            file.write(f"{event} {host} by {os.getpid()} {' '.join(sys.orig_argv[1:4])}\n")
        raise OSError(101, "this test's network ends here")


def _is_own(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in OWN_NAMES


sys.addaudithook(_watch)
with REACHED.with_name("watched.txt").open("a") as watched:
    watched.write(f"{' '.join(sys.orig_argv[1:3])}\n")
