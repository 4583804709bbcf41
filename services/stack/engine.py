"""The way to the Docker engine: found as docker's own programs find it, refused in plain sentences."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from services.stack.errors import EngineForbidden, NoEngine

if TYPE_CHECKING:
    from docker import DockerClient

SOCKET = "/var/run/docker.sock"
ANSWER_SECONDS = 5
WORK_SECONDS = 120


def engine_socket(environment: Mapping[str, str]) -> Path | None:
    """The engine's socket file: DOCKER_HOST, else a user's own (rootless, Docker Desktop), else the system's.

    None when DOCKER_HOST names something that is no socket file.
    """
    named = environment.get("DOCKER_HOST", "")
    if named:
        return Path(named.removeprefix("unix://")) if named.startswith("unix://") else None
    candidates = [Path(SOCKET)]
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        candidates.append(Path(runtime) / "docker.sock")
    candidates.append(Path.home() / ".docker" / "run" / "docker.sock")
    return next((path for path in candidates if os.path.exists(path)), candidates[0])  # noqa: PTH110


def connect(environment: Mapping[str, str]) -> "DockerClient":
    """A client of an engine that answered just now. Raises NoEngine or EngineForbidden."""
    socket = engine_socket(environment)
    address = environment.get("DOCKER_HOST") or f"unix://{socket}"
    if socket is not None:
        _check(socket)
    # The SDK takes a while to import, and local processes need none of it.
    import docker
    from docker.errors import DockerException

    try:
        client = docker.DockerClient(base_url=address, version="auto", timeout=ANSWER_SECONDS)
        client.ping()
    except DockerException as error:
        raise NoEngine(
            f"No Docker engine answers at {address}.",
            "Start Docker, or set DOCKER_HOST, or use local processes: ./start.sh --local.",
            said=str(error),
        ) from error
    client.api.timeout = WORK_SECONDS
    return client


def answers(environment: Mapping[str, str]) -> bool:
    """Whether an engine is there and lets us in. Quick where there is none."""
    try:
        connect(environment).close()
    except (NoEngine, EngineForbidden):
        return False
    return True


def _check(socket: Path) -> None:
    folder = socket.parent
    if not os.path.exists(folder) or (os.access(folder, os.X_OK) and not socket.exists()):  # noqa: PTH110
        raise NoEngine(
            f"There is no Docker engine on this machine: {socket} is not there.",
            "Install or start Docker, or use local processes: ./start.sh --local.",
        )
    if not os.access(socket, os.R_OK | os.W_OK):
        raise EngineForbidden(
            f"Docker runs, but you may not use it: {socket} {os.strerror(errno.EACCES).lower()}.",
            "Join the group docker (`sudo usermod -aG docker $USER`, then sign in anew), "
            "or use local processes: ./start.sh --local.",
        )
