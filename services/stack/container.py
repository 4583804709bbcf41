"""What one container is made of: the words of the table, the manager and the compose file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.stack.container_environments import Told

SCRATCH = "mode=1777,size=256m"  # of /tmp, in memory; it counts for the container's own limit


@dataclass(frozen=True)
class Mount:
    """`source` is an absolute path of the host, or a volume's name."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Container:
    """`service` names what it is of (`name` has a number besides where there are several of them).

    `ports` maps a port inside to (port on 127.0.0.1, the setting that moves it). `memory` is bytes, `cpus` a count; 0
    is no limit. `probe` is a command that ends with 0 when all is well. `user` "" leaves the image's own.

    The root file system is read-only unless `writable`; besides the mounts it may write what `tmpfs` names (path to
    options, in memory) and `scratch` (folders on the engine's disk that go with the container). `keeps` are the
    capabilities that are left to it; `hosts` are further names it knows, to addresses.
    """

    name: str
    image: str
    told: Told = field(repr=False)
    networks: tuple[str, ...]
    probe: tuple[str, ...]
    memory: int
    pids: int
    cpus: float = 2.0
    service: str = ""
    command: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict[str, str])
    scratch: tuple[str, ...] = ()
    writable: bool = False
    ports: Mapping[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    user: str = ""
    groups: tuple[int, ...] = ()
    security: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    gpu: bool = False
    init: bool = False
    once: bool = False
    address: str = ""

    @property
    def kind(self) -> str:
        return self.service or self.name
