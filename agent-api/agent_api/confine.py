"""Workspace: files of one folder, opened so that no path, symlink or race leads out of it."""

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from agent_api.cage.secrets import find_secrets
from agent_api.errors import SECRETS_WAY_OUT, OutsideWorkspace, ToolRefused
from agent_api.replace_file import replace
from services.domain.secret_files import is_hidden

_OPENAT2 = 437  # the same number on every architecture
_RESOLVE_NO_MAGICLINKS, _RESOLVE_BENEATH = 0x02, 0x08
_TRIES, _LONGEST = 20, 1000
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY  # a FIFO must not block, a tty not take over

_libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


class Workspace:
    """A folder held by a descriptor; paths are relative to it, with `/`. Use as a context manager.

    The kernel resolves every path (openat2, Linux 5.6): `..`, absolute paths and symlinks may not leave the folder,
    whatever is swapped meanwhile. Git's data and files of secrets are refused, but for secrets that match a glob of
    `readable`. Raises OutsideWorkspace for those, ToolRefused for what is missing or of another kind.
    """

    def __init__(self, root: Path, *, readable: tuple[str, ...] = ()) -> None:
        self.root = root
        self._readable = readable
        self._secrets: frozenset[int] | None = None
        try:
            self._fd = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise ToolRefused(f"The workspace {root} cannot be opened: {error.strerror}.") from error
        self._real = Path(f"/proc/self/fd/{self._fd}").readlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def open_file(self, path: str) -> int:
        """A descriptor of a regular file, for reading; the caller closes it."""
        return self._open_kind(path, _READ_FLAGS, stat.S_ISREG, "a regular file")

    def open_folder(self, path: str) -> int:
        """A descriptor of a folder; the caller closes it."""
        return self._open_kind(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, stat.S_ISDIR, "a folder")

    def read_bytes(self, path: str, limit: int) -> tuple[bytes, int]:
        """The first `limit` bytes of a file, and its size."""
        with os.fdopen(self.open_file(path), "rb") as file:
            return file.read(limit), os.fstat(file.fileno()).st_size

    def is_folder(self, path: str) -> bool:
        descriptor = self._open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            return stat.S_ISDIR(os.fstat(descriptor).st_mode)
        finally:
            os.close(descriptor)

    def exists(self, path: str) -> bool:
        """Whether something of this name is there, a symlink counted as itself."""
        self._refuse_hidden(path)
        parts = self._parts(path)
        try:
            folder = self.open_folder("/".join(parts[:-1]) or ".")
        except ToolRefused:
            return False
        try:
            return _is_there(parts[-1], folder)
        finally:
            os.close(folder)

    def hides(self, path: str) -> bool:
        """Whether a file that a listing named is not for tools: by its own name, or by another one of the same file."""
        if is_hidden(path, self._readable):
            return True
        try:
            return self._has_secret_name(os.stat(path, dir_fd=self._fd, follow_symlinks=False))
        except OSError:
            return False  # gone, or renamed: nothing of it can be shown by this name

    def write_bytes(self, path: str, content: bytes) -> bool:
        """Replace or create a file whole, with its folders; answers whether it is new. A symlink is never followed."""
        self._refuse_hidden(path)
        parts = self._parts(path)
        folder = self._make_folders(parts[:-1])
        try:
            return replace(folder, parts[-1], content, path)
        finally:
            os.close(folder)

    def remove_file(self, path: str) -> bool:
        """Remove a file (of a symlink the link itself); answers whether there was one."""
        self._refuse_hidden(path)
        parts = self._parts(path)
        try:
            folder = self.open_folder("/".join(parts[:-1]) or ".")
        except ToolRefused:
            return False  # without its folder there is no file
        try:
            os.unlink(parts[-1], dir_fd=folder)  # relative to a descriptor
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ToolRefused(f"{path} cannot be removed: {error.strerror}.") from error
        finally:
            os.close(folder)
        return True

    def _make_folders(self, parts: tuple[str, ...]) -> int:
        folder = self._open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for count in range(len(parts)):
            try:
                os.mkdir(parts[count], dir_fd=folder)  # relative to a descriptor
            except FileExistsError:
                pass  # opened next, whatever it is
            except OSError as error:
                raise ToolRefused(f"{'/'.join(parts)} cannot be made: {error.strerror}.") from error
            finally:
                os.close(folder)
            folder = self.open_folder("/".join(parts[: count + 1]))
        return folder

    def _parts(self, path: str) -> tuple[str, ...]:
        pure = PurePosixPath(path)
        if not pure.parts or pure.is_absolute() or ".." in pure.parts:
            raise OutsideWorkspace(f"{path!r} is not a path inside the workspace.", "Give a path relative to its root.")
        _encoded(path)
        return pure.parts

    def _refuse_hidden(self, path: str) -> None:
        if is_hidden(path, self._readable):
            raise OutsideWorkspace(f"{path} holds git's data or secrets, which tools do not open.", SECRETS_WAY_OUT)

    def _open_kind(self, path: str, flags: int, is_kind: Callable[[int], bool], kind: str) -> int:
        descriptor = self._open(path, flags)
        about = os.fstat(descriptor)
        if not is_kind(about.st_mode):
            os.close(descriptor)
            raise ToolRefused(f"{path} is not {kind}.")
        if self._has_secret_name(about):
            os.close(descriptor)
            raise OutsideWorkspace(f"{path} is another name of a secret, which tools do not open.", SECRETS_WAY_OUT)
        return descriptor

    def _has_secret_name(self, about: os.stat_result) -> bool:
        """Whether a hard link of this file is named like a secret: looked for only where there is another link."""
        if about.st_nlink < 2 or not stat.S_ISREG(about.st_mode):
            return False
        if self._secrets is None:
            self._secrets = frozenset(path.stat().st_ino for path in find_secrets(self.root, self._readable))
        return about.st_ino in self._secrets

    def _open(self, path: str, flags: int) -> int:
        self._refuse_hidden(path)
        name = _encoded(path or ".")
        how = _OpenHow(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
        size = ctypes.c_size_t(ctypes.sizeof(how))
        descriptor = -1
        for _ in range(_TRIES):
            descriptor = _libc.syscall(_OPENAT2, self._fd, name, ctypes.byref(how), size)
            if descriptor >= 0 or ctypes.get_errno() != errno.EAGAIN:
                break  # EAGAIN: something was renamed meanwhile, so the kernel could not be sure
        if descriptor < 0:
            raise _refusal(path, ctypes.get_errno())
        # A symlink inside the workspace may lead to a hidden name; the kernel tells where it ended.
        try:
            inside = os.path.relpath(Path(f"/proc/self/fd/{descriptor}").readlink(), self._real)
        except OSError as error:
            os.close(descriptor)
            raise ToolRefused(f"{path[:200]} lies too deep to be looked at.") from error
        if is_hidden(inside, self._readable):
            os.close(descriptor)
            raise OutsideWorkspace(f"{path} leads to {inside}, which tools do not open.", SECRETS_WAY_OUT)
        return descriptor


def _encoded(path: str) -> bytes:
    if "\0" in path:
        raise OutsideWorkspace("A path cannot hold a NUL character.")
    if len(path) > _LONGEST:
        raise ToolRefused(f"A path of {len(path)} characters is too long.", f"Tools take up to {_LONGEST}.")
    try:
        return os.fsencode(path)
    except UnicodeEncodeError as error:
        raise ToolRefused(f"{path!r} is no path: it holds half a character.") from error


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _refusal(path: str, number: int) -> OutsideWorkspace | ToolRefused:
    reason = os.strerror(number)
    if number in (errno.EXDEV, errno.ELOOP):
        return OutsideWorkspace(f"{path!r} leads out of the workspace.", "Give a path inside it.")
    if number == errno.ENOENT:
        return ToolRefused(f"{path} does not exist.", "List files with glob to see what is there.")
    if number == errno.ENOSYS:
        return ToolRefused("This kernel cannot confine paths (openat2 is missing).", "Use Linux 5.6 or newer.")
    return ToolRefused(f"{path} cannot be opened: {reason}.")
