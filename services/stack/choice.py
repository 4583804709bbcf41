"""Containers or local processes: the one place that decides, and finds out which of them runs."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from services.stack import engine
from services.stack.errors import EngineForbidden, NoEngine, OtherStackRuns
from services.stack.local import LocalStack, Say, ServiceStatus
from services.stack.settings import StackSettings
from services.stack.table import table

if TYPE_CHECKING:
    from services.stack.containers import ContainerStack

Kind = Literal["local", "containers"]
SOURCE = Path(__file__).parents[2]


class Stack(Protocol):
    """What both kinds do; see LocalStack for what each promises."""

    def start(self) -> list[str]: ...
    def stop(self) -> list[str]: ...
    def status(self) -> list[ServiceStatus]: ...
    def restart(self, names: Sequence[str] = ()) -> list[str]: ...
    def logs(self, names: Sequence[str], tail: int, *, go_on: bool) -> Iterator[tuple[str, str]]: ...
    @property
    def owner(self) -> tuple[int, int] | None:
        """User and group that own what the hub writes, where that is not whoever started it."""
        ...


@dataclass(frozen=True)
class Chosen:
    """`address` is where a person opens the hub, `logs` says where its logs are, `why` what was chosen and why.

    `home` is where this kind keeps its data; `own_ollama`: an Ollama of the hub's own is part of it.
    """

    kind: Kind
    stack: Stack
    address: str
    logs: str
    why: str
    home: Path
    own_ollama: bool = False

    def hand_over(self, folder: Path) -> None:
        """Give what root has made here to the user that the containers run as; in all other cases it is theirs."""
        owner = self.stack.owner
        if owner is None or os.geteuid() != 0:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *owner, follow_symlinks=False)


def to_start(
    settings: StackSettings,
    wanted: Kind | None = None,
    *,
    skip_https: bool = False,
    scenario: Path | None = None,
    say: Say = lambda sentence: None,
) -> Chosen:
    """The stack to start: the wanted kind, else the one that runs, else containers where Docker answers.

    Raises OtherStackRuns when the other kind runs: they share their ports, not their data.
    """
    runs = _running(settings)
    if wanted is not None and runs is not None and runs != wanted:
        told = {"local": "local processes", "containers": "containers"}
        raise OtherStackRuns(
            f"This hub runs as {told[runs]} now, and keeps their data apart from that of {told[wanted]}.",
            f"Stop it first: ./start.sh stop. Or go on with {told[runs]}.",
        )
    kind, why = (wanted, "as you asked") if wanted else _default(settings.environment, runs)
    if kind == "containers":
        return _containers(settings, why, skip_https, scenario, say)
    return _local(settings, why, scenario, say)


def to_look(settings: StackSettings) -> Chosen:
    """The stack that runs, else the one that a start would choose."""
    runs = _running(settings)
    if runs == "containers":
        services = _container_stack(settings, False, None, lambda _: None).services()
        return _containers(settings, "", "caddy" not in services, None, lambda _: None)
    return _local(settings, "", None, lambda _: None)


def to_change(settings: StackSettings, say: Say) -> Chosen:
    """The stack that runs, to restart parts of it; with the scripted model where it has one."""
    if _running(settings) != "containers":
        return _local(settings, "", None, say)
    stack = _container_stack(settings, False, None, say)
    return _containers(settings, "", "caddy" not in stack.services(), stack.scenario(), say)


def start_command(settings: StackSettings) -> str:
    """What starts local processes here: where Docker answers, a start without a word would choose containers."""
    kind, _ = _default(settings.environment, _running(settings))
    return "./start.sh" if kind == "local" else "./start.sh --local"


def stop_all(settings: StackSettings, say: Say = lambda sentence: None) -> list[str]:
    """Ends this hub whichever way it runs; answers the names of what ran."""
    names = _local(settings, "", None, say).stack.stop()
    if engine.answers(settings.environment):
        names += _containers(settings, "", False, None, say).stack.stop()
    return names


def _running(settings: StackSettings) -> Kind | None:
    if any(status.pid is not None for status in _local(settings, "", None, lambda _: None).stack.status()):
        return "local"
    if not (settings.home / "containers").is_dir() or not engine.answers(settings.environment):
        return None
    return "containers" if _container_stack(settings, False, None, lambda _: None).services() else None


def _default(environment: Mapping[str, str], runs: Kind | None) -> tuple[Kind, str]:
    if runs is not None:
        return runs, "they run already"
    if not (SOURCE / "docker" / "Dockerfile").is_file():
        return "local", "images are built from a checkout, and this is none"
    try:
        engine.connect(environment).close()
    except (NoEngine, EngineForbidden) as error:
        return "local", error.sentence
    return "containers", "Docker answers; ./start.sh --local uses local processes instead"


def _local(settings: StackSettings, why: str, scenario: Path | None, say: Say) -> Chosen:
    stack = LocalStack(settings, table(settings, scenario), say=say)
    return Chosen("local", stack, settings.main_api_url, str(settings.logs), why, settings.home)


def _containers(settings: StackSettings, why: str, skip_https: bool, scenario: Path | None, say: Say) -> Chosen:
    stack = _container_stack(settings, skip_https, scenario, say)
    name = f"wfhub-{stack.settings.key}-SERVICE"
    own_ollama = scenario is None and stack.settings.own_ollama
    return Chosen(
        "containers", stack, stack.settings.address, f"docker logs {name}", why, stack.settings.home, own_ollama
    )


def _container_stack(settings: StackSettings, skip_https: bool, scenario: Path | None, say: Say) -> "ContainerStack":
    # Docker's SDK takes a while to import, and local processes need none of it.
    from services.stack.container_settings import ContainerSettings
    from services.stack.containers import ContainerStack

    return ContainerStack(ContainerSettings.load(settings, skip_https=skip_https), scenario, say)
