"""The worktree's own secrets are covered while a caged command runs: bubblewrap and Landlock's namespaces can mount.

Each is covered by an empty file that nobody may open, so a program that needs it says "Permission denied" instead of
going on with nothing. What is committed also lies in git's history, which the cage shows: only what is not committed
is hidden for good.
"""

import asyncio
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from agent_api.cage.policy import ResolvedCage
from agent_api.errors import SECRETS_WAY_OUT, CageUnavailable
from services.domain.secret_files import is_secret

_MOST = 1000
_LOOK_BYTES = 65_536
# Files of these names are as often harmless: certificates that packages ship, a registry's address.
_SIGNS = {".pem": b"PRIVATE KEY", ".npmrc": b"_auth", ".pypirc": b"password"}


async def with_secrets_covered(cage: ResolvedCage) -> ResolvedCage:
    """The cage with `covered` set to what `covers` holds now. Looks through the folder: about 2 s a million files.

    Raises CageUnavailable where there are secrets and the host can cover none, or there are too many of them.
    """
    if cage.covers is None or cage.backend == "none":
        return cage
    found = await asyncio.to_thread(find_secrets, cage.covers, cage.readable_secrets)
    if not found:
        return cage
    names = ", ".join(str(path.relative_to(cage.covers)) for path in found[:3])
    if cage.backend == "landlock" and not cage.host.namespaces:
        raise CageUnavailable(
            f"On this host the cage cannot hide the workspace's secrets ({names}).",
            f"Install bubblewrap or allow user namespaces. {SECRETS_WAY_OUT}",
        )
    if len(found) > _MOST:
        raise CageUnavailable(
            f"The workspace holds {len(found)} files named like secrets ({names}, …), more than a cage can hide.",
            SECRETS_WAY_OUT,
        )
    if not cage.cover.exists():
        cage.cover.touch()
    cage.cover.chmod(0)
    return replace(cage, covered=found)


def find_secrets(folder: Path, readable: Iterable[str] = ()) -> tuple[Path, ...]:
    """Absolute paths of regular files below `folder` that agents may not read, by their names, their targets' names
    (a symlink called `.env`) and their other names (hard links). The root's own `.git` is left out: the cage keeps it.
    """
    readable = tuple(readable)
    found: dict[Path, int] = {}
    linked: set[int] = set()
    for entry in _entries(folder):
        path = Path(entry.path)
        if not is_secret(str(path.relative_to(folder)), readable):
            continue
        if entry.is_symlink():
            path = path.resolve()  # nobody else runs here now; what leads out is not in the cage anyway
            if not path.is_relative_to(folder.resolve()) or not path.is_file():
                continue
            path = folder / path.relative_to(folder.resolve())
        elif not entry.is_file(follow_symlinks=False):
            continue
        if not _is_harmless(path):
            about = path.stat()
            found[path] = about.st_ino
            linked |= {about.st_ino} if about.st_nlink > 1 else set()
    if linked:
        found |= {Path(entry.path): entry.inode() for entry in _entries(folder) if entry.inode() in linked}
    return tuple(sorted(found))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that is not a folder, at any depth; symlinks are not followed, and what cannot be opened is left out."""
    waiting = [str(folder)]
    while waiting:
        here = waiting.pop()
        try:
            listing = os.scandir(here)
        except OSError:
            continue  # not for us, so not for the command either: it runs as the same user with fewer rights
        with listing:
            for entry in listing:
                if not entry.is_dir(follow_symlinks=False):
                    yield entry
                elif entry.name != ".git" or here != str(folder):
                    waiting.append(entry.path)


def _is_harmless(path: Path) -> bool:
    sign = _SIGNS.get(path.suffix.lower()) or _SIGNS.get(path.name.lower())
    if sign is None:
        return False
    try:
        with path.open("rb") as file:
            return sign not in file.read(_LOOK_BYTES)
    except OSError:
        return False
