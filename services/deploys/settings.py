"""What a project's owner says of its deploys: the command, and what it is granted. Nothing is granted by default."""

import hashlib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.domain.errors import InvalidInput

EVERYWHERE = "*"
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?(:[1-9][0-9]{0,4})?")
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"
_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
Variable = Annotated[str, StringConstraints(pattern=_VARIABLE)]
Value = Annotated[str, StringConstraints(max_length=10_000)]
Stored = Annotated[str, StringConstraints(pattern=r"^[^/\s][^/]{0,99}/[^/]{1,200}$")]


class DeploySettings(BaseModel):
    """`settings.deploy` of a project.

    `network` and `test_network` name hosts (`host` or `host:port`; `*` is the whole network) that the deploy command,
    and the commands of stages behind it, may reach. `secrets` are stored credentials (`provider/label`) by the variable
    that holds them, `paths` folders it may write. `repeatable`: cut off in the middle, it may be run again without
    asking. `on_failure`: a deploy whose command fails goes back to who can change the code, or waits for a person.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str | None = Field(default=None, max_length=20_000)
    timeout_seconds: float = Field(default=600, ge=1, le=86_400)
    env: dict[Variable, Value] = Field(default_factory=dict, max_length=100)
    network: tuple[str, ...] = Field(default=(), max_length=50)
    test_network: tuple[str, ...] = Field(default=(), max_length=50)
    secrets: dict[Variable, Stored] = Field(default_factory=dict, max_length=50)
    paths: tuple[str, ...] = Field(default=(), max_length=50)
    repeatable: bool = False
    on_failure: Literal["dev", "person"] = "dev"

    @field_validator("network", "test_network")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if host != EVERYWHERE and not _is_host(host):
                raise ValueError(f"`{host[:100]}` is no host: write `example.org`, `example.org:443`, or `*` for all")
        return tuple(dict.fromkeys(host.lower() for host in hosts))

    @field_validator("env", "secrets")
    @classmethod
    def _variables(cls, given: dict[str, str]) -> dict[str, str]:
        for name in given:
            if name.upper().startswith("WFHUB_"):
                raise ValueError(f"`{name}` can't be given: names that begin with WFHUB_ are the hub's own")
        return given

    @field_validator("paths")
    @classmethod
    def _paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            # normpath leaves two slashes at the beginning, which are one to Linux
            if not path.startswith("/") or path.startswith("//") or "\0" in path or os.path.normpath(path) != path:
                raise ValueError(f"`{path[:200]}` is no plain absolute path of a folder, such as /srv/site")
            if _is_of_system(path):
                raise ValueError(f"`{path}` can't be granted: it belongs to the system")
        return tuple(dict.fromkeys(paths))

    @property
    def whole_network(self) -> bool:
        return EVERYWHERE in self.network

    @property
    def grants(self) -> dict[str, Any]:
        """What is granted, without the command: what a person reads, and what events tell."""
        return self.model_dump(mode="json", include={"env", "network", "test_network", "secrets", "paths"})

    @property
    def fingerprint(self) -> str:
        """The same for the same command with the same grants: what makes deploying a commit again a new deploy."""
        told = self.model_dump_json(include={"command", "env", "network", "secrets", "paths"})
        return hashlib.sha256(told.encode()).hexdigest()[:32]


NO_DEPLOY = DeploySettings()


def deploy_of(settings: dict[str, Any]) -> DeploySettings:
    """Of a project's settings, which were checked when they were written."""
    told: Any = settings.get("deploy")
    return DeploySettings.model_validate(told) if told else NO_DEPLOY


def check_paths(deploy: DeploySettings, home: Path) -> None:
    """The hub's own state is nobody's to write, nor the system by way of a link. Raises InvalidInput."""
    own = home.resolve()
    for path in deploy.paths:
        given = Path(path).resolve()
        if _is_of_system(str(given)):
            raise InvalidInput(
                f"settings.deploy.paths: {path} can't be granted: it leads to {given}, which belongs to the system.",
                "Name a folder of its own, such as /srv/site.",
            )
        if given.is_relative_to(own) or own.is_relative_to(given):
            raise InvalidInput(
                f"settings.deploy.paths: {path} can't be granted: the hub keeps its own state there.",
                "Name a folder of its own, such as /srv/site.",
            )


def _is_of_system(path: str) -> bool:
    return path == "/" or any(path == one or path.startswith(f"{one}/") for one in _SYSTEM)


def _is_host(text: str) -> bool:
    host = text.lower()
    port = host.rpartition(":")[2] if ":" in host else "1"
    return bool(_HOST.fullmatch(host)) and int(port) < 65_536
