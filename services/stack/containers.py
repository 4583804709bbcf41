"""The hub as containers: start what is missing or has changed, stop all of it, say how it is."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container as Running

from services.stack import compose, container_table, images
from services.stack import container_engine as engine
from services.stack.bringing import Bringing
from services.stack.container import Container
from services.stack.container_files import prepare_folders, secrets_file
from services.stack.container_logs import follow
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import SCENARIO_AT, Place
from services.stack.drift import differences
from services.stack.engine import connect, engine_socket
from services.stack.errors import NoEngine, NoSuchService
from services.stack.gpu import has_gpu
from services.stack.health import port_is_free
from services.stack.landlock import cage_for
from services.stack.local import BUSY_PATIENCE, Say, ServiceStatus
from services.stack.lock import only_one

ORDER = ("db", "scripted-model", "ollama", "agent-api", "main-api", "orchestrator", "stack", "caddy")


class ContainerStack:
    """The hub at `settings.home` on a Docker engine. `scenario` brings the scripted model in the place of Ollama."""

    def __init__(
        self, settings: ContainerSettings, scenario: Path | None = None, say: Say = lambda sentence: None
    ) -> None:
        self.settings = settings
        self._scenario = scenario
        self._say = say
        self._connected: DockerClient | None = None

    @property
    def owner(self) -> tuple[int, int]:
        """User and group of our containers, and so of what they write."""
        return self.settings.uid, self.settings.gid

    def start(self) -> list[str]:
        """Start what is not well or not as it should be, wait until all are; returns the names of those started.

        What runs and is as it should be is left alone, whoever started it; what should not be there goes. Raises
        NoEngine, EngineForbidden, EngineFailed, ImageMissing, BuildFailed, NoRoom, PortTaken, MigrationFailed,
        ServiceUnwell, StackBusy or HomeUnusable. What this call made and did not bring to health is taken down again.
        """
        socket = self._socket()
        client = self._client()
        prepare_folders(self.settings)
        with self._lock():
            wanted, work = self._table(client, socket), Bringing(client, self.settings, self._say)
            present = engine.running(client, self.settings)
            wrong = engine.wrong_networks(client, self.settings, {name for one in wanted for name in one.networks})
            reasons = {one.name: self._reasons(client, one, present.get(one.name), wrong) for one in wanted}
            for name in present.keys() - reasons.keys():
                if name != self._migrations.name:  # Compose leaves it there
                    self._say(f"{name} is not one of the hub's containers any more: it is taken away")
                work.remove(present[name])
            missing = [one for one in wanted if reasons[one.name]]
            if missing:
                self._make(client, wanted, missing, present, reasons, wrong)
        return [one.name for one in missing]

    def restart(self, names: Sequence[str] = ()) -> list[str]:
        """Ends these services and starts them again, all where none is named; waits until they are well.

        What has changed meanwhile (settings, images) they get. Raises what `start` raises, and NoSuchService.
        """
        client, socket = self._client(), self._socket()
        prepare_folders(self.settings)
        with self._lock():
            table, work = self._table(client, socket), Bringing(client, self.settings, self._say)
            present = engine.running(client, self.settings)
            wanted = [one for one in table if not names or one.name in names or one.kind in names]
            if unknown := set(names) - {one.name for one in wanted} - {one.kind for one in wanted}:
                raise _no_such(unknown, [one.name for one in table])
            if absent := [one.name for one in wanted if one.name not in present]:
                raise NoSuchService(f"{', '.join(absent)} does not run.", "Bring it up: ./start.sh.")
            for one in wanted:
                differs = self._differences(client, one, present[one.name])
                self._say(f"restarting {one.name}" + (f": {'; '.join(differs)}" if differs else ""))
                if differs:
                    work.remove(present[one.name])
                    work.run(one)
                else:
                    present[one.name].restart(timeout=int(self.settings.stack.stop_grace))
            for one in wanted:
                there = client.containers.get(engine.container_name(self.settings, one.name))
                work.wait_until_well(one, there, int(there.attrs["RestartCount"]))
        return [one.name for one in wanted]

    def stop(self) -> list[str]:
        """Take every container and network of this hub away, what was started last first; its data stays."""
        client = self._client()
        with self._lock() if self.settings.stack.run.is_dir() else contextlib.nullcontext():
            work, present = Bringing(client, self.settings, self._say), engine.running(client, self.settings)
            names = sorted(present, key=_place, reverse=True)
            for name in names:
                self._say(f"stopping {name}")
                work.remove(present[name])
            engine.remove_networks(client, self.settings)
        return names

    def services(self) -> set[str]:
        """The names of this hub's containers that are there."""
        return set(engine.running(self._client(), self.settings))

    def scenario(self) -> Path | None:
        """What the scripted model that is there plays, as a file of this machine."""
        there = engine.running(self._client(), self.settings).get("scripted-model")
        if there is None:
            return None
        folder = next(mount["Source"] for mount in there.attrs["Mounts"] if mount["Destination"] == SCENARIO_AT)
        file = next(word for word in there.attrs["Config"]["Cmd"] if word.startswith(f"{SCENARIO_AT}/"))
        return Path(folder) / Path(file).name

    def status(self) -> list[ServiceStatus]:
        """How each container is; of Ollama and the scripted model only the one there is."""
        client = self._client()
        present = engine.running(client, self.settings)
        optional = {"scripted-model", "caddy"}
        if "scripted-model" in present or not self.settings.own_ollama:
            optional.add("ollama")
        names = {*present, *(name for name in ORDER if name not in optional)} - {"migrations"}
        return [self._status(client, name, present.get(name)) for name in sorted(names, key=_place)]

    def logs(self, names: Sequence[str], tail: int, *, go_on: bool) -> Iterator[tuple[str, str]]:
        """Lines of these services, of all where none is named, each with the name of its service; `go_on`: what is
        written from now on, until whoever asks stops. Raises NoSuchService."""
        present = engine.running(self._client(), self.settings)
        if unknown := set(names) - set(present):
            raise _no_such(unknown, sorted(present, key=_place))
        chosen = {name: present[name] for name in sorted(names or present, key=_place)}
        return follow(chosen, tail, go_on=go_on)

    def for_compose(self) -> tuple[Path, Place]:
        """Makes what docker/compose.yaml needs; answers its file of variables, and what was found of this machine."""
        client, socket = self._client(), self._socket()
        prepare_folders(self.settings)
        with self._lock():
            place = self._place_of(client, socket)
            cpus = min(self.settings.cpus, float(client.info()["NCPU"]))
            return compose.write(replace(self.settings, cpus=cpus), place), place

    def _socket(self) -> Path:
        socket = engine_socket(self.settings.stack.environment)
        if socket is None:
            raise NoEngine("The Docker engine is on another machine, and cannot see this one's files.",
                           "Unset DOCKER_HOST, or use local processes: ./start.sh --local.")  # fmt: skip
        return socket

    def _client(self) -> DockerClient:
        if self._connected is None:
            self._connected = connect(self.settings.stack.environment)
        return self._connected

    def _lock(self):
        return only_one(self.settings.stack.run / "stack.lock", BUSY_PATIENCE)

    def _table(self, client: DockerClient, socket: Path) -> tuple[Container, ...]:
        place = self._place_of(client, socket)
        self._migrations = container_table.migrations(self.settings, place.images)
        return container_table.table(self.settings, place)

    def _place_of(self, client: DockerClient, socket: Path) -> Place:
        settings = self.settings
        names = images.all_images(client, settings, self._say, scripted=self._scenario is not None)
        cage = cage_for(client, settings, names["agent-api"], self._say)
        gpu = "ollama" in names and has_gpu(client, settings)
        return Place(names, cage, socket, gpu, self._scenario)

    def _reasons(
        self, client: DockerClient, wanted: Container, there: Running | None, wrong_networks: set[str]
    ) -> list[str]:
        """Why it has to be made, or made anew; empty when it is there, as it should be, and well."""
        if there is None:
            return ["it is not there"]
        there.reload()
        networks = [f"its network {name} is not as it should be" for name in wanted.networks if name in wrong_networks]
        if differs := [*networks, *self._differences(client, wanted, there)]:
            return differs
        said = Bringing(client, self.settings, self._say).complaint(there, wanted.name)
        return [said] if said else []

    def _differences(self, client: DockerClient, wanted: Container, there: Running) -> list[str]:
        file = str(secrets_file(self.settings, wanted.name)) if wanted.told.secrets else None
        return differences(client, self.settings, wanted, there, file)

    def _make(
        self,
        client: DockerClient,
        wanted: Sequence[Container],
        missing: Sequence[Container],
        present: dict[str, Running],
        reasons: dict[str, list[str]],
        wrong_networks: set[str],
    ) -> None:
        work = Bringing(client, self.settings, self._say)
        for one in missing:
            if one.name in present:
                self._say(f"{one.name} is made anew: {'; '.join(reasons[one.name])}")
                work.remove(present[one.name])
            for port, _setting in one.ports.values():
                if not port_is_free(port):
                    raise engine.port_taken(one, f":{port}")
        try:
            engine.remove_networks(client, self.settings, wrong_networks)
            engine.ensure_networks(client, self.settings, {name for one in wanted for name in one.networks})
            engine.ensure_volumes(client, self.settings, {mount.source for one in missing for mount in one.mounts})
            work.bring_up(missing, self._migrations)
        except BaseException:
            self._take_down(client, missing)
            raise

    def _take_down(self, client: DockerClient, started: Sequence[Container]) -> None:
        """What this start made; the networks too, where nothing else of the hub is on them."""
        for one in reversed(started):
            if (there := engine.running(client, self.settings).get(one.name)) is not None:
                Bringing(client, self.settings, self._say).remove(there)
        if not engine.running(client, self.settings):
            engine.remove_networks(client, self.settings)

    def _status(self, client: DockerClient, name: str, there: Running | None) -> ServiceStatus:
        log = f"docker logs {engine.container_name(self.settings, name)}"
        if there is None:
            return ServiceStatus(name, "stopped", None, "", "it does not run", log)
        said = Bringing(client, self.settings, self._say).complaint(there, name)
        stopped = there.attrs["State"]["Status"] in ("exited", "created", "dead")
        ports = there.attrs["HostConfig"].get("PortBindings") or {}
        address = ", ".join(f"127.0.0.1:{binding['HostPort']}" for bound in ports.values() for binding in bound or ())
        state = "stopped" if stopped else "unwell" if said else "well"
        return ServiceStatus(name, state, there.attrs["State"]["Pid"] or None, address, said, log)


def _place(name: str) -> tuple[int, str]:
    """Where a container stands in the order of starting; what is not known comes last."""
    kind = next((kind for kind in ORDER if name == kind or name.startswith(f"{kind}-")), "")
    return (ORDER.index(kind) if kind else len(ORDER), name)


def _no_such(unknown: set[str], known: Sequence[str]) -> NoSuchService:
    return NoSuchService(f"There is no service named {', '.join(sorted(unknown))}.", f"There are: {', '.join(known)}.")
