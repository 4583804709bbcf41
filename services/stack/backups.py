"""The hub that a stack means, as backups see it."""

from collections.abc import Mapping
from urllib.parse import quote

from services.backup.place import HubPlace
from services.stack.environments import SECRET_ENDINGS
from services.stack.secrets import read_env_file
from services.stack.settings import StackSettings


def place_of(settings: StackSettings) -> HubPlace:
    """Where the hub of local processes lies."""
    return HubPlace(settings.home.absolute(), settings.database_url, settings.root / ".env")


def place_running(settings: StackSettings) -> HubPlace:
    """Where the hub lies that runs, as processes or containers; else that of local processes.

    Containers' database is reached through its port on this machine.
    """
    from services.stack import choice

    if choice.to_look(settings).kind == "local":
        return place_of(settings)
    from services.stack.container_files import kept_secret
    from services.stack.container_settings import ContainerSettings

    containers = ContainerSettings.load(settings)
    password = quote(kept_secret(containers, "db-password"))
    url = f"postgresql://wfhub:{password}@127.0.0.1:{containers.ports['DB_PORT']}/wfhub"
    return HubPlace(containers.home.absolute(), url, settings.root / ".env")


def secrets_of(settings: StackSettings) -> dict[str, str]:
    """All that `.env` says, and the secrets that are in force from the environment."""
    of_the_environment = {
        name: value
        for name, value in settings.environment.items()
        if name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "WFHUB_SECRET_KEYS") or name.endswith(SECRET_ENDINGS)
    }
    return read_env_file(settings.root / ".env") | of_the_environment


def overruled(environ: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """The hub's own secrets that the environment sets to something else than a backup has: they would win."""
    names = ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "WFHUB_SECRET_KEYS")
    return [name for name in names if environ.get(name) and name in secrets and environ[name] != secrets[name]]
