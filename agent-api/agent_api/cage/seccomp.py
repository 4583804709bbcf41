"""A system-call filter for what Landlock and namespaces leave open. Standard library only.

It is an allow-all with exceptions: sockets by family and kind, and calls that reach other processes, the kernel or new
namespaces. io_uring is refused because it opens sockets without the socket call. The system's manual is seccomp(2).
"""

import ctypes
import errno
import os
import struct
import sys
from typing import Literal

Sockets = Literal["ip", "tcp", "none"]

# Numbers of <asm/unistd.h>; the first column is x86_64, the second aarch64.
_CALLS = {
    "socket": (41, 198), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269), "setsockopt": (54, 208),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "setns": (308, 268), "unshare": (272, 97), "open_by_handle_at": (304, 265),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "fsopen": (430, 430),
    "move_mount": (429, 429), "open_tree": (428, 428), "mount_setattr": (442, 442),
    "clone": (56, 220), "clone3": (435, 435),
}  # fmt: skip
_SPECIAL = ("socket", "sendto", "sendmsg", "sendmmsg", "setsockopt", "clone", "clone3")
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000

_LOAD, _EQUAL, _MASK, _ABOVE, _BITS, _RETURN = 0x20, 0x15, 0x54, 0x35, 0x45, 0x06
_NR, _ARCH = 0, 4
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EACCES
_UNSUPPORTED = 0x00050000 | errno.ENOSYS
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_STREAM, _KIND_MASK, _TCP = 1, 0xF, 6
_MSG_FASTOPEN, _TCP_FASTOPEN_CONNECT, _CLONE_NEWUSER = 0x20000000, 30, 0x10000000

Instruction = tuple[int, int, int, int]


class SeccompError(OSError):
    """The filter could not be made or set."""


def program(sockets: Sockets, *, unix: bool) -> bytes:
    """The filter as bytes of `struct sock_filter`, which is also what `bwrap --seccomp FD` takes.

    `sockets`: `ip` all IP sockets (the process may use the network, or has an empty one of its own); `tcp` only plain
    TCP, whose ports Landlock checks; `none`. `unix` allows UNIX sockets made by socket(); socketpair always works.
    Raises SeccompError on a machine whose call numbers are not listed here.
    """
    machine = os.uname().machine
    if machine not in _MACHINES or sys.maxsize < 2**32:
        raise SeccompError(f"No system-call filter for {machine}.")
    column, architecture = _MACHINES[machine]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NR),
    ]  # fmt: skip
    if column == 0:
        code += [(_ABOVE, 0, 1, _X32_BIT), (_RETURN, 0, 0, _UNSUPPORTED)]
    for name, numbers in _CALLS.items():
        if name not in _SPECIAL:
            answer = _UNSUPPORTED if name.startswith("io_uring") else _REFUSE
            code += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, answer)]
    code += _block(_CALLS["socket"][column], _socket_rules(sockets, unix))
    if sockets == "tcp":  # TCP Fast Open connects without connect(), past Landlock's check of the port
        for name, argument in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
            code += _block(
                _CALLS[name][column], [_load(argument), (_BITS, 0, 1, _MSG_FASTOPEN), (_RETURN, 0, 0, _REFUSE)]
            )
        rules = [
            _load(1),
            (_EQUAL, 0, 3, _TCP),
            _load(2),
            (_EQUAL, 0, 1, _TCP_FASTOPEN_CONNECT),
            (_RETURN, 0, 0, _REFUSE),
        ]
        code += _block(_CALLS["setsockopt"][column], rules)
    # glibc falls back from clone3 to clone, whose flags can be seen.
    code += [(_EQUAL, 0, 1, _CALLS["clone3"][column]), (_RETURN, 0, 0, _UNSUPPORTED)]
    code += _block(_CALLS["clone"][column], [_load(0), (_BITS, 0, 1, _CLONE_NEWUSER), (_RETURN, 0, 0, _REFUSE)])
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def restrict_self(sockets: Sockets, *, unix: bool) -> None:
    """Set the filter on the calling thread and all it starts. Needs no_new_privs. Raises SeccompError."""
    code = program(sockets, unix=unix)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    whole = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p).value)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, ctypes.byref(whole), 0, 0) != 0:  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        number = ctypes.get_errno()
        raise SeccompError(number, f"seccomp: {os.strerror(number)}")


def _socket_rules(sockets: Sockets, unix: bool) -> list[Instruction]:
    allow: Instruction = (_RETURN, 0, 0, _ALLOW)
    rules = [_load(0)]
    if unix:
        rules += [(_EQUAL, 0, 1, _UNIX), allow]
    if sockets == "ip":
        for family in (_INET, _INET6, _NETLINK):
            rules += [(_EQUAL, 0, 1, family), allow]
    if sockets == "tcp":
        # MPTCP is a stream socket whose ports Landlock does not check: only protocol 0 or TCP passes. A jump counts
        # the instructions it skips: 7 and 4 lead to the refusal below.
        rules += [
            (_EQUAL, 1, 0, _INET), (_EQUAL, 0, 7, _INET6),
            _load(1), (_MASK, 0, 0, _KIND_MASK), (_EQUAL, 0, 4, _STREAM),
            _load(2), (_EQUAL, 1, 0, 0), (_EQUAL, 0, 1, _TCP), allow,
        ]  # fmt: skip
    return [*rules, (_RETURN, 0, 0, _REFUSE)]


def _load(argument: int) -> Instruction:
    """Load the low half of a call's argument (all that is checked here are C ints)."""
    return (_LOAD, 0, 0, 16 + 8 * argument)


def _block(number: int, rules: list[Instruction]) -> list[Instruction]:
    """`rules` for one call, then the call's number loaded again for the next block."""
    return [(_EQUAL, 0, len(rules) + 1, number), *rules, (_LOAD, 0, 0, _NR)]
