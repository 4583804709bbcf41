"""Namespaces of the landlock cage, where the host allows them: an empty network, and `.git` mounted read-only.

Standard library only; runs in the forked child before Landlock, which then forbids any further mount.
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

_NEWNS, _NEWIPC, _NEWUSER, _NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x40000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_KEPT_FLAGS = (
    2 | 4 | 8 | 1024 | 2048 | (1 << 21)
)  # nosuid, nodev, noexec, noatime, nodiratime, relatime stay as they are
_NOSUID_NODEV = 2 | 4
_CAPABILITY_VERSION_3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def enter(*, own_network: bool, protected: Iterable[str], covered: Iterable[str] = (), cover: str = "") -> None:
    """Leave the host's mounts and, with `own_network`, its network for an empty one with only a loopback.

    `protected` become read-only; the file `cover` is mounted over each of `covered`. The user and group ids stay.
    Raises OSError where the host does not allow it.
    """
    uid, gid = os.getuid(), os.getgid()
    _checked(_libc.unshare(_NEWUSER | _NEWNS | _NEWIPC | (_NEWNET if own_network else 0)), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _mount(b"none", b"/", _MS_REC | _MS_PRIVATE)
    for path in protected:
        name = os.fsencode(path)
        _mount(name, name, _MS_BIND | _MS_REC)
        _mount(b"none", name, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | (os.statvfs(path).f_flag & _KEPT_FLAGS))
    for path in covered:
        _mount(os.fsencode(cover), os.fsencode(path), _MS_BIND)
    # Semaphores need /dev/shm; the host's is shared with everyone, so the cage gets one of its own.
    if Path("/dev/shm").is_dir():
        _checked(
            _libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", ctypes.c_ulong(_NOSUID_NODEV), b"size=256m"), "mount /dev/shm"
        )
    if own_network:
        _loopback_up()


def drop_capabilities() -> None:
    """Give up every capability: root in the cage is root in name only. With no_new_privs they cannot come back."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("16sH", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _mount(source: bytes, target: bytes, flags: int) -> None:
    _checked(_libc.mount(source, target, None, ctypes.c_ulong(flags), None), f"mount {os.fsdecode(target)}")


def _checked(answer: int, what: str) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
