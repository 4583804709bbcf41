"""Looks whether this machine can carry the hub, and says what to do where it cannot."""

import sqlite3
import sys

from services.stack.checks import Check, containers, hub, machine
from services.stack.choice import Chosen
from services.stack.container_settings import ContainerSettings
from services.stack.settings import StackSettings


def examine(settings: StackSettings, chosen: Chosen) -> list[Check]:
    """All that a start of `chosen` needs. Quick: nothing beyond this machine is asked, nothing is written."""
    ours = {status.name for status in chosen.stack.status() if status.pid is not None}
    return [
        machine.check_python(sys.version_info[:3], sqlite3.sqlite_version_info, settings.database_url),
        machine.check_git(machine.git_version()),
        machine.check_disk(settings.home),
        machine.check_memory(machine.memory_facts()),
        machine.check_card(machine.graphics_memory(), settings.gpu_memory_bytes),
        hub.check_settings(settings),
        *hub.check_folders(settings),
        containers.check_engine(settings.environment, needed=chosen.kind == "containers"),
        *(_of_containers(settings, chosen) if chosen.kind == "containers" else _of_processes(settings)),
        *machine.check_ports(_ports(settings, chosen), ours),
    ]


def _of_processes(settings: StackSettings) -> list[Check]:
    return [
        hub.check_database(settings.database_url),
        hub.check_page(settings.root),
        machine.check_cage(machine.bubblewrap_works(), machine.landlock_version()),
        hub.check_aider(settings),
    ]


def _of_containers(settings: StackSettings, chosen: Chosen) -> list[Check]:
    """Cage, page and Aider are in the images; the database's tables are looked at by the start."""
    own = _container_settings(settings, chosen)
    return [containers.check_images(own, own_ollama=chosen.own_ollama), containers.check_trust(own)]


def _container_settings(settings: StackSettings, chosen: Chosen) -> ContainerSettings:
    return ContainerSettings.load(settings, skip_https=not chosen.address.startswith("https://"))


def _ports(settings: StackSettings, chosen: Chosen) -> list[tuple[str, str, int]]:
    """Each service with the setting of its port. In containers main-api holds agent-api's door."""
    main, agent = settings.main_api_port, settings.agent_api_port
    if chosen.kind == "local":
        return [("main-api", "MAIN_API_PORT", main), ("agent-api", "AGENT_API_PORT", agent)]
    own = _container_settings(settings, chosen)
    wanted = [("main-api", "MAIN_API_PORT", main), ("main-api", "AGENT_API_PORT", agent)]
    wanted += [("db", "DB_PORT", own.ports["DB_PORT"])]
    if chosen.own_ollama:
        wanted += [("ollama", "OLLAMA_PORT", own.ports["OLLAMA_PORT"])]
    if not own.skip_https:
        wanted += [("caddy", name, own.ports[name]) for name in ("HTTPS_PORT", "HTTP_PORT")]
    return wanted
