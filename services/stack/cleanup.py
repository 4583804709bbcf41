"""Takes away what a hub's containers leave on the engine; its data only where that is asked for."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import APIError, NotFound

from services.stack import container_engine as engine
from services.stack import images
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import OLLAMA_VOLUME
from services.stack.containers import ContainerStack
from services.stack.engine import connect
from services.stack.errors import EngineFailed

OURS = "dev.workflow-hub.image"


@dataclass(frozen=True)
class Wanted:
    """What goes besides containers and networks. `data`: the database and the hub's folder; `images`: those of ours
    that no container uses, the newest too; `models`: the volume that all hubs of this engine share."""

    data: bool = False
    images: bool = False
    models: bool = False


def cleanup(stack: ContainerStack, wanted: Wanted) -> list[str]:
    """Answers what was taken away, in words. Older images of ours go in any case. Raises EngineFailed."""
    settings = stack.settings
    client = connect(settings.stack.environment)
    gone = [f"container {name}" for name in stack.stop()]
    if wanted.data:
        gone += _data(client, settings)
    if wanted.models:
        gone += _volume(client, OLLAMA_VOLUME)
    return gone + list(_images(client, settings, newest_too=wanted.images))


def _data(client: DockerClient, settings: ContainerSettings) -> list[str]:
    gone = _volume(client, engine.container_name(settings, "db"))
    if settings.home.is_dir():
        try:
            shutil.rmtree(settings.home)
        except OSError as error:
            raise EngineFailed(
                f"{settings.home} can't be taken away: {error}.", "Give yourself the right to, then try again."
            ) from error
        gone.append(f"folder {settings.home}")
    return gone


def _volume(client: DockerClient, name: str) -> list[str]:
    try:
        client.volumes.get(name).remove()
    except NotFound:
        return []
    except APIError as error:
        sentence = f"The volume {name} can't be taken away: {error.explanation or error}"
        raise EngineFailed(sentence, "Another hub may use it: stop that one first.") from error
    return [f"volume {name}"]


def _images(client: DockerClient, settings: ContainerSettings, *, newest_too: bool) -> Iterator[str]:
    """Those that a container stands on are another hub's, and stay."""
    kept = set() if newest_too else set(images.own_names(settings).values())
    used = {one.attrs["Image"] for one in client.containers.list(all=True, ignore_removed=True)}
    for image in client.images.list(filters={"label": OURS}):
        if image.id in used:
            continue
        for tag in image.tags:
            if tag.startswith("wfhub/") and tag not in kept:
                client.images.remove(tag, force=False, noprune=False)
                yield f"image {tag}"
