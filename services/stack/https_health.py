"""Asks the hub as a browser would: over HTTPS, trusting Caddy's own authority and nothing else."""

import socket
import ssl

from services.stack.container_settings import DOMAIN, ContainerSettings

LOOPBACK = "127.0.0.1"


def https_complaint(settings: ContainerSettings) -> str:
    """Empty when GET /health answers 200 through Caddy, else what is wrong."""
    port = settings.ports["HTTPS_PORT"]
    try:
        trusted = ssl.create_default_context(cafile=str(settings.ca_certificate))
        with (
            socket.create_connection((LOOPBACK, port), timeout=2) as plain,
            trusted.wrap_socket(plain, server_hostname=DOMAIN) as wrapped,
        ):
            wrapped.sendall(f"GET /health HTTP/1.0\r\nHost: {DOMAIN}\r\n\r\n".encode())
            answer = wrapped.recv(64).split(b" ")
    except FileNotFoundError:
        return "it has not made its certificate yet"
    except OSError as error:
        return f"no answer over HTTPS on port {port} ({type(error).__name__})"
    status = answer[1].decode() if len(answer) > 1 else "nothing"
    return "" if status == "200" else f"GET /health over HTTPS answers {status}"
