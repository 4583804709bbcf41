"""Asks one service how it is."""

import errno
import http.client
import socket
import time
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class HttpHealth:
    """Well when `GET path` answers 200 within two seconds. `setting` is the variable that moves the port."""

    port: int
    setting: str
    path: str = "/health"

    def complaint(self) -> str:
        """Empty when it is well, else what is wrong."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", self.path)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"no answer on port {self.port} ({type(error).__name__})"
        finally:
            connection.close()
        return "" if status == 200 else f"GET {self.path} on port {self.port} answers {status}"

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@dataclass(frozen=True)
class HeartbeatHealth:
    """Well when `file` was touched within the last `fresh` seconds."""

    file: Path
    fresh: float = 10.0

    def complaint(self) -> str:
        """Empty when it is well, else what is wrong."""
        try:
            age = time.time() - self.file.stat().st_mtime
        except FileNotFoundError:
            return "no heartbeat yet"
        return "" if age < self.fresh else f"its last heartbeat is {age:.0f} s old"

    @property
    def address(self) -> str:
        return ""


Health = HttpHealth | HeartbeatHealth


def comes_free(port: int, seconds: float) -> bool:
    """Waits so long at the most for a server to be able to listen there."""
    until = time.monotonic() + seconds
    while not port_is_free(port):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def port_is_free(port: int) -> bool:
    """True when a server could listen there now; connections of an ended one that linger do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True
