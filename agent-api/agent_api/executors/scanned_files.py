"""Which files the scanners look at: all that the change brings, whatever it is called and wherever it lies."""

import filecmp
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 2_000_000
_INSTALLED = frozenset({".git", "node_modules", "__pycache__", ".hg", ".svn"})


@dataclass(frozen=True, slots=True)
class ScannedFiles:
    """Relative paths, sorted. `too_large` are not looked at. Names that are no UTF-8 hold surrogates; see `shown`."""

    paths: tuple[str, ...]
    too_large: tuple[str, ...] = ()


def files_to_scan(folder: Path) -> ScannedFiles:
    """All regular files but git's, installed packages' and very large ones.

    Ignore files are not asked: the code under judgement could name itself in one.
    """
    found: list[str] = []
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if name not in _INSTALLED and not (here / name / "pyvenv.cfg").is_file()]
        found += [str((here / name).relative_to(folder)) for name in names]
    return _sorted(folder, (name for name in found if name != ".git"))


def with_committed(files: ScannedFiles, folder: Path, committed: Iterable[str], base: Path | None) -> ScannedFiles:
    """`files`, and what is committed in folders that look installed: a `pyvenv.cfg` must not hide code of the change.
    What `base` has just so is no part of the change. Nor is it said of such a file that it is too large."""
    left = set(committed).difference(files.paths, files.too_large)
    more = _sorted(folder, (name for name in left if not _is_as_in(base, folder, name)))
    large = [name for name in (*files.too_large, *more.too_large) if not _is_as_in(base, folder, name)]
    return ScannedFiles(tuple(sorted((*files.paths, *more.paths))), tuple(sorted(large)))


def shown(name: str) -> str:
    """The name for reports and findings: bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def _sorted(folder: Path, names: Iterable[str]) -> ScannedFiles:
    paths: list[str] = []
    large: list[str] = []
    for name in sorted(names):
        path = folder / name
        if path.is_file() and not path.is_symlink():
            (paths if path.stat().st_size <= LARGEST_FILE else large).append(name)
    return ScannedFiles(tuple(paths), tuple(large))


def _is_as_in(base: Path | None, folder: Path, name: str) -> bool:
    if base is None or not (base / name).is_file() or not (folder / name).is_file():
        return False
    return filecmp.cmp(base / name, folder / name, shallow=False)
