"""Before a start without a network: are the images here that it would have to pull or build?"""

from services.stack.container_settings import ContainerSettings
from services.stack.engine import connect
from services.stack.errors import ImageMissing


def missing_images(settings: ContainerSettings, *, own_ollama: bool) -> list[str]:
    """The names of those that a start in containers needs and this engine lacks. Raises NoEngine, EngineForbidden."""
    from services.stack import images  # Docker's SDK takes a while to import

    others = {"POSTGRES_IMAGE": True, "OLLAMA_IMAGE": own_ollama, "CADDY_IMAGE": not settings.skip_https}
    wanted = [*images.own_names(settings).values()]
    wanted += [settings.images[name] for name, needed in others.items() if needed]
    client = connect(settings.stack.environment)
    try:
        return [name for name in wanted if not images.is_here(client, name)]
    finally:
        client.close()


def check_images(settings: ContainerSettings, *, own_ollama: bool) -> None:
    """Raises ImageMissing, which names all that lack."""
    if missing := missing_images(settings, own_ollama=own_ollama):
        raise ImageMissing(
            f"Without a network these images can't be had: {', '.join(missing)}.",
            "Connect and run ./start.sh once, or load them (`docker load`), or use local processes: --local.",
            images=missing,
        )
