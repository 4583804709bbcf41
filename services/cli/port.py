"""`wf start --port`: the port that a person opens the hub on, kept where every later command looks for it."""

import os

from services.domain.errors import InvalidInput
from services.stack import env_file
from services.stack.choice import Chosen
from services.stack.container_settings import PORTS
from services.stack.settings import StackSettings


def keep_port(settings: StackSettings, chosen: Chosen, port: int) -> bool:
    """Writes it to `.env`; whether that changed anything. With Caddy it is the port of HTTPS.

    Raises InvalidInput where the hub runs on another one, or where the environment says another, which would win.
    """
    https = chosen.address.startswith("https://")
    name = "HTTPS_PORT" if https else "MAIN_API_PORT"
    now = str(PORTS[name]) if https else str(settings.main_api_port)
    now = settings.environment.get(name) or now
    if now == str(port):
        return False
    if os.environ.get(name):
        raise InvalidInput(
            f"{name} is set to {now} in your environment, and wins over --port.", f"Unset it, or set it to {port}."
        )
    if not https and port == settings.agent_api_port:
        raise InvalidInput(f"{port} is AGENT_API_PORT, which agent-api needs.", "Give another port.")
    if any(one.pid is not None for one in chosen.stack.status()):
        raise InvalidInput(
            f"The hub runs, on port {now}.", f"Stop it first: ./start.sh stop. Then: ./start.sh --port {port}"
        )
    env_file.change(settings.root / ".env", {name: str(port)})
    return True
