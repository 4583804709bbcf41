"""Changes single settings in `.env`: what a person wrote around them stays, and nobody ever sees half a file."""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.stack.errors import HomeUnusable


def change(path: Path, values: Mapping[str, str | None]) -> None:
    """Sets each name to its value; None takes its lines away. The file is then readable by its owner only.

    Written beside it, flushed to the disk and renamed: after a crash it is the old one or the new one. Of two programs
    that change it at once, one waits. Raises HomeUnusable where it can't be written.
    """
    path = path.resolve()  # a link stays a link
    try:
        with _alone(path.parent):
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            _replace(path, _changed(text, values))
    except OSError as error:
        raise HomeUnusable(f"{path} cannot be written: {error.strerror}.", "Give yourself the right to.") from error


def _changed(text: str, values: Mapping[str, str | None]) -> str:
    lines: list[str] = []
    left = dict(values)
    for line in text.splitlines():
        name = _name(line)
        if name not in values:
            lines.append(line)
        elif (value := left.pop(name, None)) is not None:  # a second line of the same name would win: it goes
            lines.append(f"{name}={value}")
    lines += [f"{name}={value}" for name, value in left.items() if value is not None]
    return "".join(f"{line}\n" for line in lines)


def _name(line: str) -> str:
    match = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", line)
    return match[1] if match else ""


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with 0600
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if path.exists() and os.geteuid() == 0:
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock is the folder's own: no file is left behind, and a program that dies lets go of it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
