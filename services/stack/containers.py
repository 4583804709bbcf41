"""The hub as containers: start what is missing or has changed, stop all of it, say how it is."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container as Running

from services.domain.errors import HubError
from services.stack import container_engine as engine
from services.stack import container_table, images
from services.stack.container_files import prepare_folders, write_secrets
from services.stack.container_settings import ContainerSettings
from services.stack.container_table import Container
from services.stack.engine import connect, engine_socket
from services.stack.errors import EngineFailed, MigrationFailed, NoEngine, ServiceUnwell
from services.stack.health import port_is_free
from services.stack.https_health import https_complaint
from services.stack.landlock import cage_for
from services.stack.local import BUSY_PATIENCE, LAST_LINES, Say, ServiceStatus
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

        Raises NoEngine, EngineForbidden, ImageMissing, BuildFailed, PortTaken, MigrationFailed, ServiceUnwell,
        StackBusy or HomeUnusable. What this call started and did not bring to health is taken down again.
        """
        settings = self.settings
        socket = engine_socket(settings.stack.environment)
        client = self._client()
        if socket is None:
            raise NoEngine("The Docker engine is on another machine, and cannot see this one's files.",
                           "Unset DOCKER_HOST, or use local processes: ./start.sh --local.")  # fmt: skip
        prepare_folders(settings)
        with self._lock():
            wanted = self._table(client, socket)
            present = engine.running(client, settings)
            missing = [one for one in wanted if not self._is_well(client, one, present.get(one.name))]
            if not missing:
                return []
            for one in missing:
                self._clear_the_way(one, present.get(one.name))
            try:
                engine.ensure_networks(client, settings, {name for one in wanted for name in one.networks})
                engine.ensure_volumes(client, settings, {mount.source for one in missing for mount in one.mounts})
                self._bring_up(client, missing)
            except BaseException:
                self._take_down(client, missing)
                raise
        return [one.name for one in missing]

    def stop(self) -> list[str]:
        """Take every container and network of this hub away, what was started last first; its data stays."""
        client = self._client()
        with self._lock() if self.settings.stack.run.is_dir() else contextlib.nullcontext():
            present = engine.running(client, self.settings)
            known = [name for name in reversed(ORDER) if name in present]
            names = [*(name for name in present if name not in ORDER), *known]
            for name in names:
                self._say(f"stopping {name}")
                self._remove(present[name])
            engine.remove_networks(client, self.settings)
        return names

    def services(self) -> set[str]:
        """The names of this hub's containers that are there."""
        return set(engine.running(self._client(), self.settings))

    def status(self) -> list[ServiceStatus]:
        """How each container is; of Ollama and the scripted model only the one there is."""
        client = self._client()
        present = engine.running(client, self.settings)
        optional = {"scripted-model", "caddy"}
        if "scripted-model" in present or not self.settings.own_ollama:
            optional.add("ollama")
        return [
            self._status(client, name, present.get(name)) for name in ORDER if name in present or name not in optional
        ]

    def _client(self) -> DockerClient:
        if self._connected is None:
            self._connected = connect(self.settings.stack.environment)
        return self._connected

    def _lock(self):
        return only_one(self.settings.stack.run / "stack.lock", BUSY_PATIENCE)

    def _table(self, client: DockerClient, socket: Path) -> tuple[Container, ...]:
        settings = self.settings
        names = images.build(client, settings, self._say)
        others = {"db": "POSTGRES_IMAGE"}
        if self._scenario is None and settings.own_ollama:
            others["ollama"] = "OLLAMA_IMAGE"
        if not settings.skip_https:
            others["caddy"] = "CADDY_IMAGE"
        for name, setting in others.items():
            images.present(client, settings, setting, self._say)
            names[name] = settings.images[setting]
        self._migrations = container_table.migrations(settings, names)
        cage = cage_for(client, settings, names["agent-api"], self._say)
        return container_table.table(settings, names, cage, socket, self._scenario)

    def _is_well(self, client: DockerClient, wanted: Container, there: Running | None) -> bool:
        if there is None or there.labels.get(engine.SPEC) != engine.spec_of(client, wanted):
            return False
        return not self._complaint(client, there, wanted.name)

    def _complaint(self, client: DockerClient, there: Running, name: str) -> str:
        there.reload()
        said = engine.complaint(client, there)
        return said or (https_complaint(self.settings) if name == "caddy" else "")

    def _clear_the_way(self, wanted: Container, there: Running | None) -> None:
        if there is not None:
            self._remove(there)
        for port, _setting in wanted.ports.values():
            if not port_is_free(port):
                raise engine.port_taken(wanted, f":{port}")

    def _bring_up(self, client: DockerClient, missing: Sequence[Container]) -> None:
        """The database first, then its tables, then all others at once."""
        first = [one for one in missing if one.name == "db"]
        rest = [one for one in missing if one.name != "db"]
        made = {one.name: self._run(client, one) for one in first}
        for one in first:
            self._wait_until_well(client, one, made[one.name])
        if any(one.name in ("db", "main-api", "orchestrator") for one in missing):
            self._migrate(client)
        made |= {one.name: self._run(client, one) for one in rest}
        for one in rest:
            self._wait_until_well(client, one, made[one.name])

    def _run(self, client: DockerClient, wanted: Container) -> Running:
        self._say(f"starting {wanted.name}")
        secrets = wanted.told.secrets
        file = write_secrets(self.settings, wanted.name, secrets) if secrets else None
        try:
            made = engine.create(client, self.settings, wanted, str(file) if file else None)
        except APIError as error:
            sentence = f"Docker could not make the container of {wanted.name}: {error.explanation or error}"
            raise EngineFailed(sentence, "Read what it says, then try again.") from error
        engine.start(made, wanted)
        return made

    def _migrate(self, client: DockerClient) -> None:
        self._say("bringing the database's tables up to date")
        one = self._migrations
        self._remove_named(client, one.name)
        made = self._run(client, one)
        try:
            code = made.wait(timeout=self.settings.stack.start_timeout * 5)["StatusCode"]
            if code:
                lines = engine.last_lines(made, LAST_LINES)
                sentence = f"The database's tables could not be brought up to date: {lines[-1] if lines else code}"
                raise MigrationFailed(sentence, "What it said is above.", last_lines=lines)
        finally:
            made.remove(force=True)

    def _wait_until_well(self, client: DockerClient, wanted: Container, made: Running) -> None:
        patience = self.settings.stack.start_timeout
        until = time.monotonic() + patience
        while said := self._complaint(client, made, wanted.name):
            state = made.attrs["State"]
            if state["Status"] in ("exited", "dead") or made.attrs["RestartCount"]:
                raise self._unwell(wanted, made, f"ended at once with exit code {state['ExitCode']}")
            if time.monotonic() > until:
                raise self._unwell(wanted, made, f"was not well after {patience:.0f} s: {said}")
            time.sleep(0.1)
        self._say(f"{wanted.name} is well")

    def _unwell(self, wanted: Container, made: Running, what: str) -> HubError:
        lines = engine.last_lines(made, LAST_LINES)
        way_out = "Its last lines are above. After what they ask for is done, start again."
        return ServiceUnwell(f"{wanted.name} {what}.", way_out, service=wanted.name, last_lines=lines)

    def _take_down(self, client: DockerClient, started: Sequence[Container]) -> None:
        """What this start made; the networks too, where nothing else of the hub is on them."""
        for one in reversed(started):
            self._remove_named(client, one.name)
        if not engine.running(client, self.settings):
            engine.remove_networks(client, self.settings)

    def _remove_named(self, client: DockerClient, name: str) -> None:
        try:
            self._remove(client.containers.get(engine.container_name(self.settings, name)))
        except NotFound:
            return

    def _remove(self, there: Running) -> None:
        try:
            there.stop(timeout=int(self.settings.stack.stop_grace))
            there.remove(force=True)
        except NotFound:
            return
        except DockerException as error:
            raise EngineFailed(
                f"Docker could not take {there.name} away: {error}", "Try ./start.sh stop again."
            ) from error

    def _status(self, client: DockerClient, name: str, there: Running | None) -> ServiceStatus:
        log = f"docker logs {engine.container_name(self.settings, name)}"
        if there is None:
            return ServiceStatus(name, "stopped", None, "", "it does not run", log)
        said = self._complaint(client, there, name)
        stopped = there.attrs["State"]["Status"] in ("exited", "created", "dead")
        ports = there.attrs["HostConfig"].get("PortBindings") or {}
        address = ", ".join(f"127.0.0.1:{binding['HostPort']}" for bound in ports.values() for binding in bound or ())
        state = "stopped" if stopped else "unwell" if said else "well"
        return ServiceStatus(name, state, there.attrs["State"]["Pid"] or None, address, said, log)
