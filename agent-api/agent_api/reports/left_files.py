"""Files that a command leaves: those that a glob finds after it, and that were not there, or not so, before."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import structlog

from agent_api.confine import Workspace
from agent_api.errors import OutsideWorkspace, ToolRefused

log = structlog.get_logger(__name__)
MOST_FILES = 2_000  # looked at for one list of globs


class LeftFiles:
    """Made before the command runs. What lay there already is no report of it, and is left alone."""

    def __init__(self, root: Path, patterns: Sequence[str]) -> None:
        self._root = root
        self._patterns = [pattern for pattern in patterns if ".." not in Path(pattern).parts]
        self._before = dict(self._look())

    def take(self, most: int, most_bytes: int) -> Iterator[tuple[str, bytes, int]]:
        """Path, content (cut at `most_bytes`) and size of each fresh file, sorted. One that was not there at all is
        removed: it is a proof, not a part of the change."""
        fresh = sorted(path for path, state in self._look() if self._before.get(path) != state)
        for path in fresh[:most]:
            with Workspace(self._root) as inside:
                try:
                    content, size = inside.read_bytes(path, most_bytes)
                    if path not in self._before:
                        inside.remove_file(path)
                except (ToolRefused, OutsideWorkspace):
                    continue  # a link out of the worktree, or gone again
            yield path, content, size

    def _look(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        for pattern in self._patterns:
            try:
                for path in islice(self._root.glob(pattern), MOST_FILES):
                    if path.is_file() and not path.is_symlink():
                        about = path.stat()
                        yield str(path.relative_to(self._root)), (about.st_mtime_ns, about.st_size, about.st_ino)
            except (OSError, ValueError, NotImplementedError) as error:  # the last: a pattern that begins at the root
                log.warning("reports.pattern", pattern=pattern, error=str(error))
