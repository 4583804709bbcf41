"""Landlock by system call: files, TCP and signals of this process and its children, for good.

Standard library only, so that Aider's forked child (whose environment has none of our packages) can import it with
`agent-api` on its path: `from agent_api.cage.landlock import restrict_self`. Call it in a process with one thread:
the kernel restricts the calling thread and what it starts. The system's own manual page is landlock(7).
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_PATH_BENEATH, _NET_PORT = 1, 2
_PR_SET_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_UNIX, SCOPE_SIGNAL = 1, 2

_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = (
    READ
    | WRITE_FILE
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_SOCK
    | MAKE_FIFO
    | MAKE_SYM
    | REFER
    | TRUNCATE
)
_DEVICE = READ_FILE | WRITE_FILE

_libc = ctypes.CDLL(None, use_errno=True)


class LandlockError(OSError):
    """The kernel refused a step of setting Landlock up; nothing may run on as if it were caged."""


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


class _NetPort(ctypes.Structure):
    _fields_ = [("access", ctypes.c_uint64), ("port", ctypes.c_uint64)]


def abi_version() -> int:
    """The Landlock ABI of this kernel; 0 where there is none. Files need 3, TCP 4, signals 6."""
    return max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def no_new_privileges() -> None:
    """No set-uid program gives this process, or what it starts, more rights than it has."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def restrict_self(
    *,
    read_only: Iterable[str | os.PathLike[str]],
    read_write: Iterable[str | os.PathLike[str]],
    devices: Iterable[str | os.PathLike[str]] = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
    tcp: bool = False,
    tcp_ports: Iterable[int] = (),
) -> int:
    """Confine the calling thread and all it starts; answers the ABI used.

    Paths that do not exist are skipped; folders count with all below them. `tcp=True` leaves TCP alone, else only
    connections to `tcp_ports` are allowed. UDP and UNIX sockets are not Landlock's: see `seccomp.restrict_self`.
    Raises LandlockError when the kernel has no Landlock (ABI below 3), or none for TCP (below 4) where TCP is to be
    restricted.
    """
    ruleset = make_ruleset(read_only=read_only, read_write=read_write, devices=devices, tcp=tcp, tcp_ports=tcp_ports)
    try:
        enter(ruleset)
    finally:
        os.close(ruleset)
    return abi_version()


def make_ruleset(
    *,
    read_only: Iterable[str | os.PathLike[str]],
    read_write: Iterable[str | os.PathLike[str]],
    devices: Iterable[str | os.PathLike[str]] = (),
    tcp: bool = False,
    tcp_ports: Iterable[int] = (),
    searched: Iterable[str | os.PathLike[str]] = (),
) -> int:
    """The rules of `restrict_self` as a descriptor, for a thread or child to `enter`; the caller closes it.

    `searched` are folders that a program of ours reads in bulk. The kernel asks at every open whether the file might be
    truncated too, and looks for that right up to the root of the disk: granted here, it is found at the folder.
    """
    abi = abi_version()
    if abi < (3 if tcp else 4):
        raise LandlockError(f"This kernel's Landlock (ABI {abi}) cannot hold the process.")
    handled = (1 << 15) - 1 | (IOCTL_DEV if abi >= 5 else 0)
    net = 0 if tcp else BIND_TCP | CONNECT_TCP
    scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL if abi >= 6 else 0
    attr = _RulesetAttr(handled, net, scoped)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0), "create_ruleset")
    try:
        for paths, access in ((read_only, READ), (searched, READ | TRUNCATE), (read_write, WRITE), (devices, _DEVICE)):
            for path in paths:
                _allow_path(ruleset, path, access & handled)
        for port in () if tcp else tcp_ports:
            rule = _NetPort(CONNECT_TCP, port)
            _checked(_libc.syscall(_ADD_RULE, ruleset, _NET_PORT, ctypes.byref(rule), 0), f"port {port}")
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def enter(ruleset: int) -> None:
    """Confine the calling thread, and all it starts, by rules that `make_ruleset` made."""
    no_new_privileges()
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "restrict_self")


def _allow_path(ruleset: int, path: str | os.PathLike[str], access: int) -> None:
    try:
        parent = os.open(Path(path), os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            access &= _ON_FILES
        rule = _PathBeneath(access, parent)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0), os.fspath(path))
    finally:
        os.close(parent)


def _checked(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise LandlockError(number, f"Landlock, {what}: {os.strerror(number)}")
    return answer
