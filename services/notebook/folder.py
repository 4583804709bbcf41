"""Writes files of a folder below a workspace, whole or not at all, and never through a link that was laid there."""

import os
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_in(parent: int, name: str) -> Generator[int]:
    """The folder's handle; it is made where there is none. Raises OSError where that name is a link or a file."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=parent)
    handle = os.open(name, OPEN_FOLDER, dir_fd=parent)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def top(path: str) -> Generator[int]:
    """The handle of the workspace itself, which its owner may well reach through a link."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def put(folder: int, name: str, data: bytes) -> None:
    """Replaces the file as a whole: a reader sees the old or the new one. A link of that name is replaced itself."""
    new = f".{name}.new"
    with suppress(FileNotFoundError):
        os.unlink(new, dir_fd=folder)
    handle = os.open(new, NEW_FILE, 0o644, dir_fd=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=folder)
        raise


def size_of(folder: int, name: str) -> int | None:
    """Bytes; None where there is nothing of that name. A link counts itself, whatever it points at."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    except FileNotFoundError:
        return None


def keep_only(folder: int, names: Collection[str]) -> None:
    """Removes all other files."""
    for name in set(os.listdir(folder)) - set(names):
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
