"""Replace a file whole, in a folder that is held by a descriptor."""

import os
import secrets
import stat

from agent_api.errors import ToolRefused


def replace(folder: int, name: str, content: bytes, path: str) -> bool:
    """Write beside `name` and rename over it; answers whether it is new. It keeps its mode. `path` is for sentences.

    Raises ToolRefused for what is no regular file, and where the disk or its rights do not let it be written.
    """
    try:
        return _replace(folder, name, content, path)
    except OSError as error:
        raise ToolRefused(f"{path} cannot be written: {error.strerror}.") from error


def _replace(folder: int, name: str, content: bytes, path: str) -> bool:
    try:
        before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise ToolRefused(f"{path} is not a regular file.")
    mode = stat.S_IMODE(before.st_mode) if before else 0o644
    fresh = f".{secrets.token_hex(8)}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, mode, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
        os.replace(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(fresh, dir_fd=folder)  # relative to a descriptor
        raise
    return before is None
