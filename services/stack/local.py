"""The hub as child processes of this machine: start what is missing, stop all of it, say how it is."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.logs.rotation import Rotation
from services.stack.environments import secrets_digest
from services.stack.errors import HomeUnusable, NoSuchService, PortTaken, ServiceUnwell
from services.stack.file_logs import follow
from services.stack.health import HeartbeatHealth, comes_free
from services.stack.lock import only_one
from services.stack.migrations import is_behind, migrate
from services.stack.processes import Process, end, identify, read_process, spawn, told_to
from services.stack.settings import StackSettings
from services.stack.table import Service

Say = Callable[[str], None]
LAST_LINES = 15
BUSY_PATIENCE = 90.0
PORT_PATIENCE = 2.0  # a process counts as ended while its last threads still let go of its sockets


@dataclass(frozen=True)
class ServiceStatus:
    """`state` is well, unwell or stopped; `complaint` says what is wrong, `address` where it answers.

    `log` is a file, or for a container the command that shows it.
    """

    name: str
    state: str
    pid: int | None
    address: str
    complaint: str
    log: Path | str


class LocalStack:
    """The services of `services`, in starting order, for the hub at `settings.home`.

    Several programs may use it at once.
    """

    def __init__(
        self,
        settings: StackSettings,
        services: Sequence[Service],
        migrations: Callable[[StackSettings, Say], None] = migrate,
        say: Say = lambda sentence: None,
    ) -> None:
        self._settings = settings
        self._services = tuple(services)
        self._migrations = migrations
        self._say = say
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def owner(self) -> None:
        """What the processes write belongs to whoever started them."""

    def start(self) -> list[str]:
        """Start what is not well or knows old secrets, wait until all are well; returns the names of those started.

        Raises PortTaken, MigrationFailed, ServiceUnwell, StackBusy or HomeUnusable. Whatever happens, also an
        interrupt, what this call started and did not bring to health is ended again.
        """
        self._make_home()
        with self._lock():
            missing = [service for service in self._services if not self._is_well(service)]
            if missing and is_behind(self._settings):
                missing = list(self._services)  # what still runs is of the old version: it must not see new tables
            for service in reversed(missing):  # who calls others first, so that it finds none of them gone
                self._clear_the_way(service)
            if missing:
                self._migrations(self._settings, self._say)
            started: list[Service] = []
            try:
                for service in missing:
                    started.append(service)
                    self._spawn(service)
                for service in missing:
                    self._wait_until_well(service)
            except BaseException:
                for service in reversed(started):
                    self._end(service)
                raise
        return [service.name for service in missing]

    def stop(self) -> list[str]:
        """End every process of this hub, the last started first; returns the names of those that ran."""
        if not self._settings.run.is_dir():
            return []
        with self._lock():
            known = {service.name for service in self._services}
            others = [path.stem for path in sorted(self._settings.run.glob("*.pid")) if path.stem not in known]
            names = [*others, *(service.name for service in reversed(self._services))]
            return [name for name in names if self._end_named(name)]

    def restart(self, names: Sequence[str] = ()) -> list[str]:
        """End these services and start them again, all that run where none is named; wait until they are well.

        Raises NoSuchService, PortTaken, ServiceUnwell or StackBusy.
        """
        known = [service.name for service in self._services]
        if unknown := [name for name in names if name not in known]:
            sentence = f"There is no service named {', '.join(unknown)}."
            raise NoSuchService(sentence, f"There are: {', '.join(known)}.")
        wanted = [service for service in self._services if not names or service.name in names]
        with self._lock():
            wanted = [service for service in wanted if names or self._running(service.name) is not None]
            if absent := [service.name for service in wanted if self._running(service.name) is None]:
                raise NoSuchService(f"{', '.join(absent)} does not run.", "Bring it up: ./start.sh.")
            for service in reversed(wanted):
                self._clear_the_way(service)
            for service in wanted:
                self._spawn(service)
            for service in wanted:
                self._wait_until_well(service)
        return [service.name for service in wanted]

    def logs(self, names: Sequence[str], tail: int, *, go_on: bool) -> Iterator[tuple[str, str]]:
        """Lines of these services' logs, of all where none is named, each with the name of its service; `go_on`: what
        is written from now on, until whoever asks stops. Raises NoSuchService."""
        known = sorted(path.stem for path in self._settings.logs.glob("*.log"))
        if unknown := [name for name in names if name not in known]:
            raise NoSuchService(
                f"There is no log of {', '.join(unknown)}.", f"There are: {', '.join(known) or 'none'}."
            )
        chosen = names or known
        return follow({name: self._log(name) for name in chosen}, tail, go_on=go_on)

    def status(self) -> list[ServiceStatus]:
        """How each service is. An optional service that does not run is left out."""
        found = [self._status(service) for service in self._services]
        return [
            status
            for service, status in zip(self._services, found, strict=True)
            if not (service.optional and status.state == "stopped")
        ]

    def _status(self, service: Service) -> ServiceStatus:
        process, log = self._running(service.name), self._log(service.name)
        address = service.health.address
        if process is None:
            return ServiceStatus(service.name, "stopped", None, address, "it does not run", log)
        complaint = service.health.complaint()
        return ServiceStatus(service.name, "unwell" if complaint else "well", process.pid, address, complaint, log)

    def _make_home(self) -> None:
        settings = self._settings
        try:
            for folder in (settings.home, settings.logs, settings.run, settings.workspaces):
                folder.mkdir(parents=True, exist_ok=True)
            settings.home.chmod(0o700)
            _close(settings.database_url)
        except OSError as error:
            sentence = f"The hub's folder {settings.home} cannot be used: {error.strerror}."
            raise HomeUnusable(sentence, "Set WFHUB_HOME in .env to a folder you can write.") from error

    def _lock(self):
        return only_one(self._settings.run / "stack.lock", BUSY_PATIENCE)

    def _pid_file(self, name: str) -> Path:
        return self._settings.run / f"{name}.pid"

    def _log(self, name: str) -> Path:
        return self._settings.logs / f"{name}.log"

    def _running(self, name: str) -> Process | None:
        return read_process(self._pid_file(name))

    def _is_well(self, service: Service) -> bool:
        process = self._running(service.name)
        if process is None or process.doomed() or service.health.complaint():
            return False
        told = told_to(self._pid_file(service.name))
        return told in ("", secrets_digest(service.environment))

    def _clear_the_way(self, service: Service) -> None:
        """End what is left of the service itself; refuse when another program has its port."""
        self._end(service)
        health = service.health
        if isinstance(health, HeartbeatHealth):
            health.file.unlink(missing_ok=True)
        elif not comes_free(health.port, PORT_PATIENCE):
            raise PortTaken(
                f"Another program uses port {health.port}, which {service.name} needs.",
                f"End that program, or set {health.setting} in .env to a free port.",
                port=health.port,
                setting=health.setting,
            )

    def _spawn(self, service: Service) -> None:
        self._say(f"starting {service.name}")
        log = Rotation(self._log(service.name), self._settings.log_file_bytes, self._settings.log_files)
        child = spawn(service.command, service.environment, self._settings.home, log)
        self._children[service.name] = child
        identify(child.pid).write(self._pid_file(service.name), secrets_digest(service.environment))

    def _wait_until_well(self, service: Service) -> None:
        until = time.monotonic() + self._settings.start_timeout
        child = self._children[service.name]
        while (complaint := service.health.complaint()) or child.poll() is not None:
            if child.poll() is not None:
                raise self._unwell(service, f"ended at once with exit code {child.returncode}")
            if time.monotonic() > until:
                raise self._unwell(service, f"was not well after {self._settings.start_timeout:.0f} s: {complaint}")
            time.sleep(0.05)
        self._say(f"{service.name} is well")

    def _unwell(self, service: Service, what: str) -> ServiceUnwell:
        log = self._log(service.name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        return ServiceUnwell(f"{service.name} {what}.", f"Its log is {log}.", service=service.name, last_lines=lines)

    def _end(self, service: Service) -> bool:
        return self._end_named(service.name)

    def _end_named(self, name: str) -> bool:
        process = self._running(name)
        if process is not None:
            self._say(f"stopping {name}")
            end(process, self._settings.stop_grace)
        self._pid_file(name).unlink(missing_ok=True)
        child = self._children.pop(name, None)
        if child is not None:
            child.wait(timeout=5)
        return process is not None


def _close(database_url: str) -> None:
    """SQLite's files are the owner's alone: what it makes beside the file has the file's mode."""
    file = Path(database_url.partition("sqlite:///")[2])
    if file.is_absolute() and file.parent.is_dir():
        file.touch(mode=0o600)
        file.chmod(0o600)
