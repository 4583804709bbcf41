"""Fetches a whole repository from elsewhere into a folder of the person's, by their own git and without a question.

As in a push, credentials are those of their git (services/repos/push.py); hooks, templates, filters, submodules and
every protocol but https, ssh and file stay off. It is made beside its place and moved there when it is whole.
"""

import asyncio
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.domain.errors import Conflict, InvalidInput
from services.repos.depot import checked_branch
from services.repos.errors import CloneFailed, GitTimedOut
from services.repos.git import Git, Where
from services.repos.person import person
from services.repos.push import CREDENTIALS, NOT_YOURS, person_git
from services.repos.refusals import disk_full, last, system_refusals

PROTOCOLS = ("https", "ssh", "file")
SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!//)[^\s:][^\s]*")
LONGEST = 2_000
LOOK_SECONDS = 0.5
ABSENT = re.compile(
    r"repository .*not found|does not exist|does not appear to be a git repository|not a git repository"
    r"|returned error: 404|no such (file|repository|project)|project you were looking for could not be found",
    re.IGNORECASE,
)
UNREACHED = re.compile(
    r"could not resolve|couldn't connect|failed to connect|connection (refused|timed out|reset)|network is unreachable"
    r"|no route to host|name or service not known|temporary failure in name resolution|unable to access",
    re.IGNORECASE,
)
NO_BRANCH = re.compile(r"remote branch (.+?) not found", re.IGNORECASE)
UNTRUSTED = re.compile(r"host key verification failed|certificate", re.IGNORECASE)
PROGRESS = re.compile(r"(?P<what>[A-Z][a-z]+(?: [a-z]+)*):\s+(?P<percent>\d{1,3})%")
YOUR_GIT = (
    "Give your git its credentials (a credential helper, an SSH key in the agent), or clone it yourself and choose the "
    "folder. A hub in containers has no credentials of yours."
)


@dataclass(frozen=True)
class CloneLimits:
    """`bytes` of everything in the new folder, `seconds` for all of it, `free` bytes that the disk has to keep."""

    bytes: int
    seconds: float
    free: int


@dataclass
class Progress:
    """What git is at, in its words, the percentage of that if it tells one, and the bytes that have come."""

    phase: str = ""
    percent: int | None = None
    bytes: int = 0

    def hear(self, said: str) -> None:
        found = list(PROGRESS.finditer(said))
        if found:
            self.phase, self.percent = found[-1]["what"], min(100, int(found[-1]["percent"]))


def checked_address(url: str) -> str:
    """`url` if it may be cloned; a folder's path becomes a file address. Raises InvalidInput."""
    text = url.strip()
    if not text or len(text) > LONGEST or re.search(r"[\x00-\x20\x7f]", text):
        raise InvalidInput("That is no address of a repository.", _examples())
    if text.startswith("/"):
        return f"file://{text}"
    if SCP.fullmatch(text) and "::" not in text:
        return text
    scheme = text.partition("://")[0].lower()
    try:
        there = urlsplit(text)
        _ = there.port
    except ValueError as error:  # half an IPv6 address, a port that is none
        raise InvalidInput("That is no address of a repository.", _examples()) from error
    if "://" not in text or scheme not in PROTOCOLS:
        raise InvalidInput(
            f"{CREDENTIALS.sub('', text)[:200]} is not cloned: only https, ssh and file are.", _examples()
        )
    host = there.hostname or ""
    if there.password or (scheme == "https" and there.username):
        raise InvalidInput(
            "The address holds a password or a token, which would be kept in the clone's configuration.",
            "Leave it out: your git's credential helper or SSH agent is asked.",
        )
    if host.startswith("-") or (scheme == "file") != (not host) or (scheme == "file" and not there.path.strip("/")):
        raise InvalidInput("That is no address of a repository.", _examples())
    return text


def name_in(url: str) -> str:
    """The repository's own name: the last part of its address."""
    last_part = re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]", "-", last_part).strip(".-")[:100]


def building_at(path: Path) -> Path:
    """Where a clone stands until it is whole: on the same disk, so that it is moved at once."""
    return path.with_name(f".{path.name}.cloning")


def refuse_taken(path: Path) -> None:
    """Raises Conflict where something is already."""
    with system_refusals(path):
        if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
            raise Conflict(
                f"{path} is there already, and not empty.", "Choose another folder, or make the project of that one."
            )


async def clone(
    git: Git, url: str, path: Path, limits: CloneLimits, progress: Progress, branch: str | None = None
) -> None:
    """`path` is the whole repository afterwards, or as it was before.

    Raises CloneFailed, Conflict, GitTimedOut, GitMissing, RepositoryForbidden, RepositoryDiskFull. Cancelled, it ends
    git and takes away what had come.
    """
    await git.check_version()
    refuse_taken(path)
    building = building_at(path)
    with system_refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _room(path.parent, limits)
        await asyncio.to_thread(shutil.rmtree, building, ignore_errors=True)
        building.mkdir()
    try:
        await _fetch(git, url, building, limits, progress, branch)
        with system_refusals(path):
            refuse_taken(path)
            building.rename(path)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, building, ignore_errors=True))


async def _fetch(
    git: Git, url: str, building: Path, limits: CloneLimits, progress: Progress, branch: str | None
) -> None:
    mine = person_git(git).with_protocols(PROTOCOLS).within(limits.seconds)
    filters = (await person(mine, building)).config
    args = ["clone", "--progress", "--template=", "--no-recurse-submodules", "--origin=origin"]
    args += [f"--branch={checked_branch(branch)}"] if branch else []
    done = asyncio.create_task(
        mine.run(
            Where(building, config=filters), *args, "--", url, str(building), ok=range(-64, 256), patient=False,
            told=progress.hear,
        )
    )  # fmt: skip
    try:
        while not (await asyncio.wait({done}, timeout=LOOK_SECONDS))[0]:
            await _bounded(building, limits, progress)
        output = await done
        await _bounded(building, limits, progress)
    except GitTimedOut as error:
        raise CloneFailed(
            f"The clone was not done after {limits.seconds:g} s, and was stopped.",
            "Raise CLONE_SECONDS, or clone it yourself and choose the folder.", reason="slow",
        ) from error  # fmt: skip
    finally:
        if not done.done():
            done.cancel()
            await asyncio.wait({done})
    if output.code:
        raise refused(url, CREDENTIALS.sub("", output.stderr), building)


async def _bounded(building: Path, limits: CloneLimits, progress: Progress) -> None:
    """Notes what has come. Raises CloneFailed past the limit, RepositoryDiskFull before the disk is full."""
    progress.bytes = await asyncio.to_thread(_size, building)
    if progress.bytes > limits.bytes:
        raise CloneFailed(
            f"The repository is larger than {limits.bytes} bytes, and the clone was stopped.",
            "Raise CLONE_MAX_BYTES, or clone it yourself (perhaps with --depth) and choose the folder.", reason="large",
        )  # fmt: skip
    _room(building, limits)


def _room(folder: Path, limits: CloneLimits) -> None:
    if shutil.disk_usage(folder).free < limits.free:
        raise disk_full(str(folder))


def _size(folder: Path) -> int:
    total, waiting = 0, [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:  # git moves its own files meanwhile
            continue
    return total


def refused(url: str, said: str, building: Path) -> Exception:
    """Why git did not clone it, and what to do."""
    told = last(said)[:500]
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return disk_full(str(building.parent))
    if branch := NO_BRANCH.search(said):
        return CloneFailed(
            f"{url} has no branch {branch[1]}.", "Leave the branch out, or name one it has.", reason="branch"
        )
    if UNTRUSTED.search(said):
        way = "Connect to it once by hand (git ls-remote ADDRESS), so that your machine knows it."
        return CloneFailed(f"Its host is not one that this machine trusts: {told}", way, reason="untrusted")
    if ABSENT.search(said):
        way = "Look at the address. A private repository is often told as one that is not there: " + YOUR_GIT
        return CloneFailed(
            f"There is no repository at {url}, or none that your git may see: {told}", way, reason="missing"
        )
    if NOT_YOURS.search(said):
        return CloneFailed(f"{url} does not let your git in: {told}", YOUR_GIT, reason="auth")
    if UNREACHED.search(said):
        way = "Look at the address and at the network, then try again."
        return CloneFailed(f"{url} can't be reached: {told}", way, reason="unreachable")
    return CloneFailed(
        f"git could not clone {url}: {told}", "Clone it yourself, and choose the folder.", reason="failed"
    )


def _examples() -> str:
    return "Give https://host/name.git, ssh://git@host/name.git, git@host:name.git, or file:///folder."
