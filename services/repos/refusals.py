"""From what git or the system said to the error a person can act on."""

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.domain.errors import HubError
from services.repos.errors import (
    GitFailed,
    RepositoryDiskFull,
    RepositoryForbidden,
    RepositoryLocked,
    RepositoryNotOwned,
    RevisionMissing,
    WorkspaceIsFile,
    WorkspaceMissing,
)

LOCKED = re.compile(
    r"Unable to create '(?P<lock>[^\n]+\.lock)': File exists|could not lock config file (?P<config>\S+)"
)
MISSING = re.compile(
    r"bad object|unknown revision|not a valid object name|Not a valid|bad revision|couldn't find remote ref", re.I
)


def forbidden(where: str) -> RepositoryForbidden:
    """The hub's user lacks rights on `where`."""
    return RepositoryForbidden(
        f"Workflow Hub is not allowed to read or write {where}.",
        "Give its user the rights (chown, chmod), or choose another folder.",
        path=where,
    )


def disk_full(where: str) -> RepositoryDiskFull:
    """No room is left for `where`."""
    return RepositoryDiskFull(
        f"The disk that holds {where} is full.", "Free some space and try again; nothing was lost.", path=where
    )


def locked(where: str, lock: str) -> RepositoryLocked:
    """The lock file `lock` is in the way."""
    return RepositoryLocked(
        f"Another git process is at work in {where}, or one that crashed left the file {lock}.",
        "When no git process runs there, delete that file and try again.",
        lock=lock,
    )


def refusal(args: tuple[str, ...], code: int, stderr: str, where: str) -> HubError:
    """The error for a git call that ended with `code`; `where` is the folder it worked in."""
    if held := LOCKED.search(stderr):
        return locked(where, held["lock"] or f"{held['config']}.lock")
    if "No space left on device" in stderr or "Disk quota exceeded" in stderr:
        return disk_full(where)
    if "dubious ownership" in stderr:
        return RepositoryNotOwned(
            f"The repository {where} belongs to another user than the one Workflow Hub runs as.",
            "Give it to that user (chown -R), or run the hub as its owner.",
            path=where,
        )
    if "not a git repository" in stderr or "does not appear to be a git repository" in stderr:
        return WorkspaceMissing(
            f"There is no git repository at {where} any more.", "Bring it back, or give the project another workspace."
        )
    if "Permission denied" in stderr or "Read-only file system" in stderr or "insufficient permission" in stderr:
        return forbidden(where)
    if MISSING.search(stderr):
        return RevisionMissing(f"git does not know a commit or branch it was asked for in {where}: {last(stderr)}")
    return GitFailed(
        f"git {command_of(args)} failed in {where}: {last(stderr) or f'exit code {code}'}",
        "",
        arguments=list(args),
        exit_code=code,
        stderr=stderr[-2000:],
    )


def last(stderr: str) -> str:
    """The line of git's message that says most: its first `fatal:` or `error:`, else the last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (telling or lines[-1:] or [""])[0]


def command_of(args: tuple[str, ...]) -> str:
    """The subcommand among the arguments: `-c key=value merge` is `merge`."""
    rest = iter(args)
    for arg in rest:
        if arg == "-c":
            next(rest, None)
        elif not arg.startswith("-"):
            return arg
    return ""


@contextmanager
def system_refusals(where: Path) -> Generator[None]:
    """File operations within raise our errors instead of OSError where a person can act on them."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise forbidden(str(where)) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(str(where)) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST):
            raise WorkspaceIsFile(f"{where} is a file, or lies under one.", "Choose a folder.") from error
        raise
