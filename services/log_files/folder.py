"""The folders in which a hub's processes keep their logs."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.domain.errors import NotFound
from services.log_files.errors import LogUnwritable
from services.log_files.opened import paths
from services.logs.rotation import locked

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
_FILE = re.compile(r"([a-z0-9][a-z0-9_-]{0,63})\.log(?:\.\d{1,4})?")
ALWAYS = ("main-api", "orchestrator", "agent-api", "ollama_http")  # told of even before they wrote a line


@dataclass(frozen=True)
class LogFacts:
    """`bytes` and `files` count the older ones too; `written_at` None: nothing was ever written."""

    name: str
    bytes: int
    files: int
    written_at: datetime | None


@dataclass(frozen=True)
class LogFolders:
    """Of two logs with one name the first folder's counts."""

    folders: Sequence[Path]

    def names(self) -> list[str]:
        """Those that are always there first, then all others that there are."""
        files = (each.name for folder in self.folders for each in folder.glob("*.log*"))
        found = {match[1] for name in files if (match := _FILE.fullmatch(name))}
        return [*ALWAYS, *sorted(found - set(ALWAYS))]

    def path(self, name: str) -> Path:
        """Raises NotFound."""
        if name not in self.names():
            raise NotFound(f"There is no log named {name}.", "GET /logs tells which there are.")
        there = (folder / f"{name}.log" for folder in self.folders)
        return next((each for each in there if _is_there(each)), self.folders[0] / f"{name}.log")

    def all_facts(self) -> list[LogFacts]:
        return [self.facts(name) for name in self.names()]

    def facts(self, name: str) -> LogFacts:
        sizes: list[os.stat_result] = []
        for _, each in paths(self.path(name)):
            try:
                sizes.append(each.stat())
            except FileNotFoundError:
                continue  # it rotates
        newest = max((one.st_mtime for one in sizes), default=None)
        at = datetime.fromtimestamp(newest, UTC) if newest is not None else None
        return LogFacts(name, sum(one.st_size for one in sizes), len(sizes), at)

    def clear(self, name: str) -> LogFacts:
        """Drops the older files, and empties the one that is written to: its process writes on at its beginning.

        Returns what there was. Raises NotFound or LogUnwritable.
        """
        path = self.path(name)
        before = self.facts(name)
        try:
            with locked(path):
                for number, each in paths(path):
                    if number:
                        each.unlink(missing_ok=True)
                    elif each.exists():
                        os.truncate(each, 0)
        except OSError as error:
            raise LogUnwritable(
                f"The log of {name} can't be emptied: {error.strerror}.", f"Look at the rights of {path}."
            ) from error
        return before


def _is_there(path: Path) -> bool:
    """Also one that was just put aside, and to which nothing was written since."""
    return path.is_file() or any(each.is_file() for _, each in paths(path))


def signature(path: Path) -> tuple[int, int] | None:
    """Changes whenever something is written to a log; costs one call."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size
