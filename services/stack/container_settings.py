"""ContainerSettings: what only the containers need to know, read once beside StackSettings."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from services.stack.errors import BadSetting
from services.stack.settings import StackSettings

DOMAIN = "wfhub.localhost"
WITHOUT_NAME = 10001  # who the containers run as where neither the caller nor the work belongs to an ordinary user
IMAGES = {
    "PYTHON_IMAGE": "python:3.11-slim-bookworm",
    "NODE_IMAGE": "node:22-bookworm-slim",
    "POSTGRES_IMAGE": "postgres:17-bookworm",
    "CADDY_IMAGE": "caddy:2.10",
    "OLLAMA_IMAGE": "ollama/ollama:0.20.0",
}
PORTS = {"HTTPS_PORT": 443, "HTTP_PORT": 80, "DB_PORT": 5433, "OLLAMA_PORT": 11435}


@dataclass(frozen=True)
class ContainerSettings:
    """`stack.home` is a folder of the containers' own: their data is PostgreSQL's, and never mixed with SQLite's.

    `images` and `ports` are by the setting's name. `gid` 0 is never used: all of ours run as an ordinary user.
    """

    stack: StackSettings
    images: dict[str, str]
    ports: dict[str, int]
    uid: int
    gid: int
    extra_ca: Path | None
    skip_https: bool
    source: Path = Path(__file__).parents[2]  # the checkout whose code goes into the images

    @classmethod
    def load(cls, stack: StackSettings, *, skip_https: bool = False) -> "ContainerSettings":
        """Raises BadSetting for a port, a uid or a certificate file that is none."""
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
        )

    @property
    def home(self) -> Path:
        return self.stack.home

    @property
    def key(self) -> str:
        """Eight hex digits that tell this hub's containers from another's on the same engine."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:8]

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
