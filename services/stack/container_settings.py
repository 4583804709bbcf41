"""ContainerSettings: what only the containers need to know, read once beside StackSettings."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from services.stack.errors import BadSetting
from services.stack.settings import StackSettings, read_switch

DOMAIN = "wfhub.localhost"
WITHOUT_NAME = 10001  # who the containers run as where neither the caller nor the work belongs to an ordinary user
IMAGES = {
    "PYTHON_IMAGE": "python:3.11-slim-bookworm",
    "NODE_IMAGE": "node:22-bookworm-slim",
    "POSTGRES_IMAGE": "postgres:17-bookworm",
    "CADDY_IMAGE": "caddy:2.10",
    "OLLAMA_IMAGE": "ollama/ollama:0.20.0",
}
MEBIBYTE = 2**20
MEMORY = {"db": 1024, "ollama": 0, "agent-api": 4096, "main-api": 1024, "orchestrator": 1024,
          "stack": 256, "caddy": 256}  # fmt: skip
LEAST_MEMORY = 64 * MEBIBYTE
FREE_BYTES = 6_000_000_000
MOST_OF_ONE = 16  # agents or orchestrators on one machine
Gpu = Literal["auto", "on", "off"]
PORTS = {"HTTPS_PORT": 443, "HTTP_PORT": 80, "DB_PORT": 5433, "OLLAMA_PORT": 11435}


@dataclass(frozen=True)
class ContainerSettings:
    """`stack.home` is a folder of the containers' own: their data is PostgreSQL's, and never mixed with SQLite's.

    `images` and `ports` are by the setting's name. `gid` 0 is never used: all of ours run as an ordinary user.
    `limits` is bytes by container where the owner says other than MEMORY, `agents` and `orchestrators` how many there
    are, `free_bytes` what the engine's disk must have left before images are built or pulled.
    """

    stack: StackSettings
    images: dict[str, str]
    ports: dict[str, int]
    uid: int
    gid: int
    extra_ca: Path | None
    skip_https: bool
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    cpus: float = 2.0
    agents: int = 1
    orchestrators: int = 1
    gpu: Gpu = "auto"
    free_bytes: int = FREE_BYTES
    development: bool = False
    source: Path = Path(__file__).parents[2]  # the checkout whose code goes into the images

    @classmethod
    def load(cls, stack: StackSettings, *, skip_https: bool = False) -> "ContainerSettings":
        """Raises BadSetting for a port, a uid, a certificate file, a limit or a number that is none."""
        values = stack.environment
        uid, gid = _identity(stack)
        ca = values.get("EXTRA_CA_FILE")
        extra_ca = stack.root / Path(ca).expanduser() if ca else None
        if extra_ca is not None and not extra_ca.is_file():
            raise BadSetting(f"EXTRA_CA_FILE names {extra_ca}, which is no file.", "Correct or remove it in .env.")
        return cls(
            stack=replace(stack, home=stack.home / "containers"),
            images={name: values.get(name) or default for name, default in IMAGES.items()},
            ports={name: _port(name, values.get(name) or str(default)) for name, default in PORTS.items()},
            uid=uid,
            gid=gid,
            extra_ca=extra_ca,
            skip_https=skip_https,
            limits=_limits(values.get("CONTAINER_MEMORY", "")),
            cpus=_cpus(values.get("CONTAINER_CPUS") or "2"),
            agents=_number(values, "AGENT_API_COUNT"),
            orchestrators=_number(values, "ORCHESTRATOR_COUNT"),
            gpu=_gpu(values.get("OLLAMA_GPU") or "auto"),
            free_bytes=_bytes(values, "IMAGES_FREE_BYTES", FREE_BYTES),
            development=read_switch(values, "STACK_DEVELOPMENT"),
        )

    @property
    def home(self) -> Path:
        return self.stack.home

    @property
    def key(self) -> str:
        """Eight hex digits that tell this hub's containers from another's on the same engine."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:8]

    def memory(self, service: str) -> int:
        """The bytes that a container may take; 0 is no limit."""
        return self.limits.get(service, MEMORY[service] * MEBIBYTE)

    @property
    def own_ollama(self) -> bool:
        """Whether Ollama is one of the containers: OLLAMA_URL names another one, on a machine they can reach."""
        return not self.stack.environment.get("OLLAMA_URL")

    @property
    def private(self) -> Path:
        """Secrets and Caddy's keys: seen by no container but the one each is for."""
        return self.home / "private"

    @property
    def ca_certificate(self) -> Path:
        """Caddy's own root certificate, to be trusted by browsers and clients."""
        return self.private / "caddy" / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    @property
    def address(self) -> str:
        """Where a person opens the hub."""
        if self.skip_https:
            return self.stack.main_api_url
        port = self.ports["HTTPS_PORT"]
        return f"https://{DOMAIN}" + ("" if port == 443 else f":{port}")


def _identity(stack: StackSettings) -> tuple[int, int]:
    """HUB_UID, else the caller, else (for root) whom the workspaces belong to, else a number without a name."""
    text = stack.environment.get("HUB_UID")
    if text is not None and (not text.isdecimal() or not 0 < int(text) < 2**31):
        raise BadSetting(f"HUB_UID is {text!r}, which is no user's number.", "Set a number above 0 in .env.")
    caller = os.getuid()
    if text is None and caller != 0:
        return caller, os.getgid()
    if text is not None:
        return int(text), os.getgid() if int(text) == caller else int(text)
    if stack.workspaces.is_dir() and (owner := stack.workspaces.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid or owner.st_uid
    return WITHOUT_NAME, WITHOUT_NAME


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting(f"{name} is {text!r}, which is not a port.", "Set a number from 1 to 65535 in .env.")
    return int(text)


def _limits(text: str) -> dict[str, int]:
    if not text:
        return {}
    way_out = 'Write for instance CONTAINER_MEMORY={"agent-api": 8589934592} in .env.'
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"CONTAINER_MEMORY is no JSON: {error}.", way_out) from error
    if not isinstance(found, dict):
        raise BadSetting("CONTAINER_MEMORY is no JSON object.", way_out)
    for name, value in found.items():
        if name not in MEMORY:
            raise BadSetting(f"CONTAINER_MEMORY names {name!r}; there are {', '.join(MEMORY)}.", way_out)
        if isinstance(value, bool) or not isinstance(value, int) or (value and value < LEAST_MEMORY):
            raise BadSetting(f"CONTAINER_MEMORY gives {name} {value!r}: bytes, {LEAST_MEMORY} or more, or 0.", way_out)
    return found


def _cpus(text: str) -> float:
    try:
        count = float(text)
    except ValueError:
        count = 0.0
    if not 0.1 <= count <= 1024:
        raise BadSetting(f"CONTAINER_CPUS is {text!r}, which is no number of processors.", "Set for instance 2.")
    return count


def _number(values: Mapping[str, str], name: str) -> int:
    text = values.get(name) or "1"
    if not text.isdecimal() or not 1 <= int(text) <= MOST_OF_ONE:
        raise BadSetting(f"{name} is {text!r}, which is not a number from 1 to {MOST_OF_ONE}.", "Set 1 in .env.")
    return int(text)


def _bytes(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdecimal():
        raise BadSetting(f"{name} is {text!r}, which is no number of bytes.", f"Set for instance {default} in .env.")
    return int(text)


def _gpu(text: str) -> Gpu:
    found = next((one for one in get_args(Gpu) if one == text), None)
    if found is None:
        raise BadSetting(f"OLLAMA_GPU is {text!r}.", "Set auto, on or off in .env.")
    return found
