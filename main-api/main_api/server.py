"""How main-api listens: uvicorn, with limits on connections, headers, and on who is too slow to speak or to read."""

from contextlib import suppress
from typing import Any

import uvicorn
from fastapi import FastAPI

from main_api.door.connections import limited_http, limited_websocket
from main_api.settings import MainSettings

LONGEST_FRAME = 65_536  # bytes a reader of a WebSocket may send at once; it has nothing to say
KEEP_ALIVE_SECONDS = 20


def run(app: FastAPI, settings: MainSettings) -> int:
    """Until a signal; the exit code."""
    server = uvicorn.Server(config(app, settings))
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1


def config(app: FastAPI, settings: MainSettings, **more: Any) -> uvicorn.Config:
    """`more` are arguments of uvicorn.Config that win."""
    ping = settings.ping_seconds
    limits = {
        "http": limited_http(settings), "ws": limited_websocket(settings),
        "ws_max_size": LONGEST_FRAME, "ws_ping_interval": ping, "ws_ping_timeout": ping,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS, "timeout_graceful_shutdown": 5,
    }  # fmt: skip
    usual = {
        "host": settings.host, "port": settings.port, "loop": "uvloop", "access_log": False, "server_header": False,
        "ws_per_message_deflate": False, "log_level": "warning", "log_config": None,  # its lines leave by our handler
        "proxy_headers": False,  # who asks is who connects: anybody on this machine could claim to be another
    }  # fmt: skip
    return uvicorn.Config(app, **{**usual, **limits, **more})
