"""What a caged process may reach, resolved to real paths of this host. Standard library only."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Backend = Literal["bubblewrap", "landlock", "none"]

# /etc holds secrets on most hosts: only what the C library, the linker and Python need to start is shown.
ETC_FILES = (
    "passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone",
    "alternatives", "mime.types", "gai.conf", "locale.alias",
)  # fmt: skip
ETC_NETWORK = ("hosts", "resolv.conf", "ssl", "ca-certificates", "pki", "services", "protocols")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt/local", "/nix/store")


@dataclass(frozen=True, slots=True)
class CageHost:
    """What this host can do, probed once (`host.probe`): a bwrap that works, the Landlock ABI (0: none), and whether a
    landlock cage may have namespaces of its own."""

    bwrap: Path | None = None
    landlock_abi: int = 0
    namespaces: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedCage:
    """A cage ready to be used by `run_caged`.

    `read_only` and `read_write` are existing absolute paths, a folder meaning all below it; `protected` are files
    inside a read-write folder that stay read-only (the worktree's `.git` file). `tmp` is the private folder that the
    process sees as HOME and TMPDIR (and as /tmp under bubblewrap). `tcp_ports` may be connected to even without
    `network`, under landlock only. `niceness` (0 to 19) is how far it stands back from the hub's own processes.
    `covers` is the folder whose secrets are hidden, but for those that a glob of `readable_secrets` names; `covered`
    are the files that were found there (`secrets.with_secrets_covered`).
    """

    backend: Backend
    read_only: tuple[Path, ...]
    read_write: tuple[Path, ...]
    protected: tuple[Path, ...]
    tmp: Path
    network: bool = False
    tcp_ports: tuple[int, ...] = ()
    host: CageHost = CageHost()
    niceness: int = 0
    covers: Path | None = None
    readable_secrets: tuple[str, ...] = ()
    covered: tuple[Path, ...] = ()

    @property
    def cover(self) -> Path:
        """The empty file that is mounted over what is covered."""
        return self.tmp / ".not-for-agents"


@dataclass(frozen=True, slots=True)
class CageLimits:
    """Bounds of one caged command: seconds, bytes, counts. `cpu_seconds` None means only wall time counts."""

    seconds: float = 1800
    output_bytes: int = 2_000_000
    memory_bytes: int = 4 * 2**30
    file_bytes: int = 2**30
    processes: int = 512
    cpu_seconds: int | None = None


def resolve_cage(
    *,
    backend: Backend,
    tmp: Path,
    worktree: Path | None = None,
    writable: bool = True,
    git_dir: Path | None = None,
    network: bool = False,
    read_only: Iterable[Path | str] = (),
    read_write: Iterable[Path | str] = (),
    tcp_ports: Iterable[int] = (),
    host: CageHost,
    niceness: int = 0,
    readable_secrets: Iterable[str] = (),
) -> ResolvedCage:
    """Build the cage of design §5: worktree read-write, its git data read-only, private tmp, system folders read-only.

    Paths that do not exist are left out. `writable=False` shows the worktree read-only (the scanners).
    """
    system = [Path(path) for path in SYSTEM]
    etc = [Path("/etc") / name for name in (ETC_FILES + ETC_NETWORK if network else ETC_FILES)]
    etc += sorted(Path("/etc").glob("python3*"))  # Debian's sitecustomize
    shown = [*system, *etc, *own_python(), *(Path(path) for path in read_only)]
    written = [tmp, *(Path(path) for path in read_write)]
    protected: list[Path] = []
    if worktree is not None:
        (written if writable else shown).append(worktree)
        protected.append(worktree / ".git")
    if git_dir is not None:
        shown.append(git_dir)
        protected.append(git_dir)
    return ResolvedCage(
        backend=backend,
        read_only=_existing(shown),
        read_write=_existing(written),
        protected=tuple(path for path in protected if path.exists()),
        tmp=tmp,
        network=network,
        tcp_ports=tuple(tcp_ports),
        host=host,
        niceness=niceness,
        covers=worktree.absolute() if worktree is not None else None,
        readable_secrets=tuple(readable_secrets),
    )


def own_python() -> tuple[Path, ...]:
    """The folders of the Python that runs us: its environment and the installation the environment hangs on."""
    return tuple({Path(sys.prefix), Path(sys.base_prefix), Path(os.path.realpath(sys.executable)).parent.parent})


def _existing(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(path.absolute() for path in paths if path.exists()))
