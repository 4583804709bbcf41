"""What stands in a working tree beside its last commit."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from services.repos.git import Git, Where

# `.workflow/` is the hub's own folder in a workspace. info/exclude names it, but a .gitignore may overrule that.
ALL_BUT_OURS = ("--", ".", ":(exclude,top).workflow")


@dataclass(frozen=True, slots=True)
class Status:
    """`changed` are tracked paths that differ, `untracked` new ones, `nested` untracked folders that are repositories.

    `head` is None before the first commit, `branch` is None when HEAD is detached. `ahead` and `behind` count commits
    against `upstream`, the branch that this one follows; None where there is none. Paths may hold surrogates: they are
    for file operations, `shown` is for people.
    """

    head: str | None
    branch: str | None
    changed: tuple[str, ...]
    untracked: tuple[str, ...]
    nested: tuple[str, ...]
    upstream: str | None = None
    ahead: int | None = None
    behind: int | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return self.changed + self.untracked + self.nested

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(shown(path) for path in self.paths)


def shown(path: str) -> str:
    """The path for rows and screens: bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


async def stage(git: Git, where: Where, state: Status, variables: Mapping[str, str] | None = None) -> None:
    """Put exactly the changes that `state` lists into the index: nothing that came after the look."""
    paths = b"".join(os.fsencode(path) + b"\0" for path in state.changed + state.untracked)
    args = ("update-index", "-z", "--add", "--remove", "--replace", "--stdin")
    await git.run(where, *args, stdin=paths, variables=variables)


async def status(git: Git, where: Where, untracked: bool = True) -> Status:
    """Ask git for the state of a working tree, without taking its index lock."""
    output = await git.run(
        where, "status", "--porcelain=v2", "--branch", "-z", "--no-renames", "--ignore-submodules=all",
        f"--untracked-files={'all' if untracked else 'no'}", *ALL_BUT_OURS,
    )  # fmt: skip
    headers: dict[str, str] = {}
    changed: list[str] = []
    new: list[str] = []
    nested: list[str] = []
    for record in map(os.fsdecode, output.stdout.split(b"\0")):
        match record[:2]:
            case "# ":
                _, name, value = record.split(" ", 2)
                headers[name] = value
            case "1 ":
                changed.append(record.split(" ", 8)[8])
            case "u ":
                changed.append(record.split(" ", 10)[10])
            case "? ":
                # With --untracked-files=all a folder is listed only when git will not look into it.
                (nested if record.endswith("/") else new).append(record[2:])
            case _:
                continue
    head, branch = headers.get("branch.oid"), headers.get("branch.head")
    return Status(
        None if head == "(initial)" else head,
        None if branch == "(detached)" else branch,
        tuple(changed),
        tuple(new),
        tuple(nested),
        headers.get("branch.upstream"),
        *_apart(headers.get("branch.ab", "")),
    )


def _apart(told: str) -> tuple[int | None, int | None]:
    """Of git's `+2 -1`; an upstream that is gone has none."""
    ahead, _, behind = told.partition(" ")
    return (int(ahead), -int(behind)) if behind else (None, None)
