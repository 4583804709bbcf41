"""An image from a registry, with how far it is."""

from collections.abc import Callable
from typing import Any

from docker import DockerClient
from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag

PULL_SECONDS = 1800
STEPS = 4  # told at each quarter


def pull(client: DockerClient, name: str, say: Callable[[str], None]) -> None:
    """Raises what the engine raises; ImageNotFound where the registry says so only while it is under way."""
    repository, tag = parse_repository_tag(name)  # the tag, or a digest
    client.api.timeout = PULL_SECONDS
    layers: dict[str, tuple[int, int]] = {}
    told = 0
    for message in client.api.pull(repository, tag=tag or "latest", stream=True, decode=True):
        if error := message.get("error"):
            raise ImageNotFound(str(error))
        quarter = _quarter(message, layers)
        if quarter > told:
            told = quarter
            say(f"pulling {name}: {100 * told // STEPS} %")


def _quarter(message: dict[str, Any], layers: dict[str, tuple[int, int]]) -> int:
    """Of all layers that are known so far; nothing before the registry has told the size of any."""
    detail = message.get("progressDetail") or {}
    if message.get("status") == "Downloading" and detail.get("total"):
        layers[str(message["id"])] = int(detail["current"]), int(detail["total"])
    done, total = (sum(numbers) for numbers in zip(*layers.values(), strict=True)) if layers else (0, 0)
    return STEPS * done // total if total else 0
