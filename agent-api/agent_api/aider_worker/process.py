"""What a process of the worker does to itself: die with its parent, take limits, keep its output channel."""

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """SIGKILL for this process when `parent` ends, even if it ended already. Must be called anew after each fork."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)


def take_stdout() -> int:
    """The real stdout as a new descriptor; whatever prints goes to stderr from now on."""
    channel = os.dup(1)
    os.dup2(2, 1)
    return channel


def keep_only(*fds: int) -> None:
    """Close every other inherited descriptor but the standard ones; stdin becomes empty."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    last = 2
    for fd in sorted(fds):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def take_limits(memory_bytes: int, file_bytes: int) -> None:
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (bound, bound))
