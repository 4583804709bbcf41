"""Reads files of folders in which others work: a pipe there would never end, a link may lead elsewhere."""

import errno
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_regular(path: Path, most: int | None = None) -> bytes:
    """A file's bytes, of a longer one the first `most`. Raises OSError, whose `strerror` says why, for one that is not
    there, that may not be read, or that is a link, a folder, a pipe or the like."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link") from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read() if most is None else file.read(most)
    finally:
        os.close(descriptor)
