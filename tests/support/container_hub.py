"""A hub of its own in containers, for a test: a Docker engine, free ports, PostgreSQL, the scripted model, Caddy."""

import os
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from services.demo.hub_client import HubClient
from services.demo.sample_project import SCENARIO, copy_sample
from services.domain.errors import HubError
from services.stack.container_settings import PORTS, ContainerSettings
from services.stack.containers import ContainerStack
from services.stack.images import context_files
from services.stack.secrets import ensure_env_file
from services.stack.settings import StackSettings
from tests.support.local_hub import CHECKOUT, PATIENCE
from tests.support.ports import free_port

OUTSIDE_IMAGES = (".dockerignore", ".env.example", "Caddyfile", "docker/compose.yaml")
UID = 10001  # of the containers where the tests run as root


@dataclass
class ContainerHub:
    """The running hub. `url` is https://wfhub.localhost:PORT, trusted with `ca`; `client` goes that way.

    Python does not resolve the name: connect to 127.0.0.1 and say it in SNI and Host, as `http` does. Chromium needs
    `--host-resolver-rules=MAP wfhub.localhost 127.0.0.1`.
    """

    settings: ContainerSettings
    stack: ContainerStack
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.settings.address

    @property
    def ca(self) -> Path:
        return self.settings.ca_certificate

    @property
    def token(self) -> str:
        return self.settings.stack.environment["WFHUB_TOKEN"]

    def http(self, **options: object) -> httpx.Client:
        """A client of the front door, without the token."""
        return httpx.Client(transport=ByName(self.ca), base_url=self.url, timeout=60, **options)  # type: ignore[arg-type]

    @property
    def client(self) -> HubClient:
        return HubClient(self.url, self.token, ByName(self.ca))

    def sign_in_link(self) -> str:
        """A fresh one-use link that signs a browser in."""
        with self.http(headers={"Authorization": f"Bearer {self.token}"}) as http:
            answer = http.post("/login/links")
            answer.raise_for_status()
            return str(answer.json()["url"])

    def docker(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["docker", *arguments], env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + ("" if check else done.stderr)

    def name(self, service: str) -> str:
        return f"wfhub-{self.settings.key}-{service}"

    def pid(self, service: str) -> int:
        """Of its first process, on this machine."""
        return int(self.docker("inspect", "--format", "{{.State.Pid}}", self.name(service)))

    def kill(self, service: str) -> None:
        """As a crash: the engine does not know that somebody wanted it, and starts the container again."""
        pid = self.pid(service)
        if os.geteuid() == 0:
            os.kill(pid, signal.SIGKILL)
        else:
            image = self.docker("inspect", "--format", "{{.Config.Image}}", self.name("agent-api")).strip()
            options = ["--rm", "--pid", "host", "--user", "0", "--privileged", "--entrypoint", "kill"]
            self.docker("run", *options, image, "-9", str(pid))

    def run_in(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Execute in a running container, as the user it runs as; the exit code is the command's."""
        return subprocess.run(
            ["docker", "exec", self.name(service), *command],
            env={**os.environ, **self.environment}, capture_output=True, text=True, check=False, timeout=400,
        )  # fmt: skip


class ByName(httpx.HTTPTransport):
    """Connects to loopback for every *.localhost name, as a browser does; certificates are checked for the name."""

    def __init__(self, ca: Path) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(ca)))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        if name.endswith(".localhost"):
            request.extensions["sni_hostname"] = name
            request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


def snapshot(folder: Path) -> Path:
    """The checkout as it is now, as far as images are made of it: whoever goes on editing does not change a test."""
    for name in (*dict(context_files(CHECKOUT, None)), *OUTSIDE_IMAGES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CHECKOUT / name, folder / name)
    return folder


def container_settings(
    root: Path, source: Path, given: Mapping[str, str], *, skip_https: bool = False
) -> ContainerSettings:
    """Settings of a hub under `root` on free ports; `given` wins over what is set here."""
    root.mkdir(parents=True, exist_ok=True)
    ports = {name: str(free_port()) for name in (*PORTS, "MAIN_API_PORT", "AGENT_API_PORT")}
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own |= {"STACK_START_TIMEOUT": PATIENCE, **ports, "HUB_UID": str(os.getuid() or UID), **given}
    ensure_env_file(root / ".env", own)
    return replace(ContainerSettings.load(StackSettings.load(root, own), skip_https=skip_https), source=source)


def _start(stack: ContainerStack) -> None:
    try:
        stack.start()
    except HubError as error:
        print(*error.data.get("last_lines", ()), sep="\n")  # what the terminal would show above the sentence
        raise


@contextmanager
def container_hub(
    root: Path, source: Path, environment: Mapping[str, str], *, skip_https: bool = False
) -> Iterator[ContainerHub]:
    """Brings the whole stack up under `root`; takes it away again, its database's volume too."""
    settings = container_settings(root, source, environment, skip_https=skip_https)
    begun = time.monotonic()
    say = lambda sentence: print(f"{time.monotonic() - begun:6.1f} s  {sentence}")  # noqa: E731 - pytest keeps it
    hub = ContainerHub(settings, ContainerStack(settings, SCENARIO, say=say), environment)
    try:
        _start(hub.stack)
        yield hub
    finally:
        hub.stack.stop()
        hub.docker("volume", "rm", "--force", f"wfhub-{settings.key}-db")


def sample(hub: ContainerHub, name: str = "till register") -> Path:
    """The demo's project in the hub's workspaces, owned by the user the containers run as."""
    target = copy_sample(hub.settings.stack.workspaces / name)
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, hub.settings.uid, hub.settings.gid, follow_symlinks=False)
    return target
