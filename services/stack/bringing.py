"""One start's work on the engine: containers made, waited for, taken away."""

import time
from collections.abc import Sequence

from docker import DockerClient
from docker.errors import DockerException, NotFound
from docker.models.containers import Container as Running

from services.domain.errors import HubError
from services.stack import container_engine as engine
from services.stack.container import Container
from services.stack.container_files import write_secrets
from services.stack.container_settings import ContainerSettings
from services.stack.errors import EngineFailed, MigrationFailed, ServiceUnwell
from services.stack.https_health import https_complaint
from services.stack.local import LAST_LINES, Say


class Bringing:
    """Of the hub of `settings`. What it raises is told by ContainerStack.start."""

    def __init__(self, client: DockerClient, settings: ContainerSettings, say: Say) -> None:
        self._client, self._settings, self._say = client, settings, say

    def bring_up(self, missing: Sequence[Container], migrations: Container) -> None:
        """The database first, then its tables, then all others at once."""
        first = [one for one in missing if one.name == "db"]
        rest = [one for one in missing if one.name != "db"]
        made = {one.name: self.run(one) for one in first}
        for one in first:
            self.wait_until_well(one, made[one.name])
        if any(one.kind in ("db", "main-api", "orchestrator") for one in missing):
            self._migrate(migrations)
        made |= {one.name: self.run(one) for one in rest}
        for one in rest:
            self.wait_until_well(one, made[one.name])

    def run(self, wanted: Container) -> Running:
        self._say(f"starting {wanted.name}")
        secrets = wanted.told.secrets
        file = write_secrets(self._settings, wanted.name, secrets) if secrets else None
        made = engine.create(self._client, self._settings, wanted, str(file) if file else None)
        engine.start(made, wanted)
        return made

    def _migrate(self, one: Container) -> None:
        self._say("bringing the database's tables up to date")
        if (left := engine.running(self._client, self._settings).get(one.name)) is not None:
            self.remove(left)
        made, patience = self.run(one), self._settings.stack.start_timeout * 5
        try:
            code = _exit_code(made, patience)
            if code:
                lines = engine.last_lines(made, LAST_LINES)
                sentence = f"The database's tables could not be brought up to date: {lines[-1] if lines else code}"
                raise MigrationFailed(sentence, "What it said is above.", last_lines=lines)
        finally:
            made.remove(force=True, v=True)

    def wait_until_well(self, wanted: Container, made: Running, restarts: int = 0) -> None:
        patience = self._settings.stack.start_timeout
        until = time.monotonic() + patience
        while said := self.complaint(made, wanted.name):
            state = made.attrs["State"]
            if state["Status"] in ("exited", "dead") or made.attrs["RestartCount"] > restarts:
                raise self._unwell(wanted, made, f"ended at once with exit code {state['ExitCode']}")
            if time.monotonic() > until:
                raise self._unwell(wanted, made, f"was not well after {patience:.0f} s: {said}")
            time.sleep(0.1)
        self._say(f"{wanted.name} is well")

    def _unwell(self, wanted: Container, made: Running, what: str) -> HubError:
        lines = engine.last_lines(made, LAST_LINES)
        way_out = "Its last lines are above. After what they ask for is done, start again."
        return ServiceUnwell(f"{wanted.name} {what}.", way_out, service=wanted.name, last_lines=lines)

    def complaint(self, there: Running, name: str) -> str:
        there.reload()
        said = engine.complaint(self._client, there)
        return said or (https_complaint(self._settings) if name == "caddy" else "")

    def remove(self, there: Running) -> None:
        try:
            there.stop(timeout=int(self._settings.stack.stop_grace))
            there.remove(force=True, v=True)
        except NotFound:
            return
        except DockerException as error:
            raise EngineFailed(
                f"Docker could not take {there.name} away: {error}", "Try ./start.sh stop again."
            ) from error


def _exit_code(made: Running, patience: float) -> int:
    """Of a container that ends by itself. Raises MigrationFailed where it does not in time."""
    try:
        return made.wait(timeout=patience)["StatusCode"]
    except OSError as error:  # so are the SDK's own: of its time, and of an engine that went away
        raise MigrationFailed(
            f"The database's tables were not brought up to date within {patience:.0f} s: {error}",
            "Nothing of it was kept. Set STACK_START_TIMEOUT higher in .env (a fifth of that time), then start again.",
        ) from error
