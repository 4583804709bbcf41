"""Protected files where the kernel cannot mount them read-only: remembered before a command, put back after it.

Landlock only ever allows: inside a folder that may be written, it cannot take one file out. Where the host has no
namespaces either, the worktree's `.git` file (which decides where git reads its settings from) is checked instead.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from agent_api.errors import CageUnavailable

_LARGEST = 4096


class Guard:
    """Remembers small files. Raises CageUnavailable for a folder: a whole repository cannot be put back."""

    def __init__(self, protected: Iterable[Path]) -> None:
        self._before: dict[Path, bytes] = {}
        for path in protected:
            if path.name != ".git":
                continue  # it lies outside all that may be written
            if path.is_dir() or path.lstat().st_size > _LARGEST:
                raise CageUnavailable(
                    "On this host the cage cannot keep the workspace's .git folder read-only.",
                    "Install bubblewrap or allow user namespaces; worktrees made by the hub are not affected.",
                )
            self._before[path] = path.read_bytes()

    def put_back(self) -> tuple[str, ...]:
        """Restore what was changed; answers the paths."""
        changed = [path for path, content in self._before.items() if not _same(path, content)]
        for path in changed:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            fresh = path.with_name(".git.put-back")
            fresh.unlink(missing_ok=True)
            fresh.write_bytes(self._before[path])
            fresh.replace(path)
        return tuple(str(path) for path in changed)


def _same(path: Path, content: bytes) -> bool:
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and path.read_bytes() == content
    )
