"""Brings a merge commit into the person's repository, or waits: nothing of theirs is ever overwritten."""

import asyncio
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from services.domain.errors import HubError
from services.repos.depot import Depot, resolve
from services.repos.errors import GitFailed, MergeWaits, RepositoryLocked
from services.repos.git import Where, while_locked
from services.repos.mirror import FETCH
from services.repos.person import person
from services.repos.put_back import put_back
from services.repos.refusals import locked
from services.repos.status import shown, status
from services.repos.together import together

# Files of git's own that say an operation is under way in a checkout.
UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisect",
}
WAYS_OUT = {
    "dirty": "Commit or stash your changes; the merge goes on when you say so.",
    "untracked": "Move these files away or commit them; the merge goes on when you say so.",
    "moved": "Look at the change again: it has to be brought up to the new state first.",
    "busy": "Finish or abort it; the merge goes on when you say so.",
    "broken": "Look at `git status` there; `git restore --staged --worktree .` brings your last commit back.",
    "locked": "When no git process runs there, delete that file; the merge goes on when you say so.",
    "unreachable": "Bring the folder back, or remove it with `git worktree remove`.",
}
# git looks at everything before it writes anything: having said one of these it has touched nothing.
REFUSED = re.compile(
    r"would be (overwritten|removed) by merge|would lose untracked files|^Aborting$|Not possible to fast-forward",
    re.MULTILINE,
)
FILTERED = (
    " Where `git status` finds no change, a filter (git-lfs, git-crypt) had hidden it from the hub, which runs none; "
    "then it is settled now."
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """One entry of `git worktree list` in the person's repository. `branch` is the full ref."""

    path: Path
    branch: str | None
    prunable: bool


@dataclass(frozen=True, slots=True)
class Place:
    """All checkouts of the person's repository, the one that stands on the branch, and how git is run there; None when
    there is none, or its folder is gone."""

    all: tuple[Checkout, ...]
    checkout: Checkout | None
    where: Where | None


def waits(reason: str, sentence: str, files: Iterable[str], *, filtered: bool = False) -> MergeWaits:
    """MergeWaits with its reason, the files it is about and what the person can do. `filtered`: files go through a
    filter of the repository's, without which one that was only touched looks changed."""
    way_out = WAYS_OUT[reason] + (FILTERED if filtered else "")
    return MergeWaits(sentence, way_out, reason=reason, files=list(files))


async def look(depot: Depot, workspace: Path, branch: str) -> Place:
    """Where `deliver` will have to bring what; of no use any more once the person has switched branches."""
    ref = f"refs/heads/{branch}"
    # it is nearly always the workspace itself that stands on the branch
    checkouts, guess = await together(_checkouts(depot, workspace), _guess(depot, workspace))
    place = next((c for c in checkouts if c.branch == ref and not c.prunable), None)
    if place is None or not place.path.is_dir():
        return Place(checkouts, place, None)
    where = guess if guess is not None and place.path == workspace else await person(depot.git, place.path)
    return Place(checkouts, place, where)


async def _guess(depot: Depot, workspace: Path) -> Where | None:
    """None where it can't be told of the workspace; then it is asked of the checkout, which says what is wrong."""
    try:
        return await person(depot.git, workspace)
    except HubError:
        return None


async def deliver(
    depot: Depot, project_id: int, workspace: Path, branch: str, before: str, commit: str, source_ref: str, seen: Place
) -> None:
    """Move the person's `branch` from `before` to `commit`, which `source_ref` of the mirror points at.

    Where the branch is checked out (in the workspace or another worktree of it) by `merge --ff-only` there, else by
    moving the ref. Raises MergeWaits with nothing changed.
    """
    ref, place = f"refs/heads/{branch}", seen.checkout
    try:
        if place is None:
            for checkout in seen.all:
                if checkout.prunable or not checkout.path.is_dir():
                    continue
                await _refuse_under_way(depot, checkout.path, only_for=ref)
            await _bring(depot, project_id, workspace, commit, source_ref)
            await _move_ref(depot, workspace, branch, before, commit)
            return
        where = seen.where
        if where is None:
            raise waits("unreachable", f"{branch} is checked out in {place.path}, which cannot be reached.", ())
        # What is fetched shows nowhere before the branch moves, so it is fetched while all is looked at.
        await together(
            refuse_unready(depot, project_id, where, branch, before, commit),
            _bring(depot, project_id, workspace, commit, source_ref),
        )
        await _fast_forward(depot, project_id, where, branch, before, commit)
    except RepositoryLocked as error:
        raise waits("locked", error.sentence, ()) from error


async def fetch_objects(depot: Depot, project_id: int, workspace: Path, commit: str, ref: str) -> None:
    """Brings the commit, which the mirror's `ref` points at, to the person's repository. No ref of theirs has it."""
    await depot.git.run(Where(workspace), *FETCH, str(depot.mirror(project_id)), ref)
    depot.facts["brought", project_id, commit, commit] = True


async def _bring(depot: Depot, project_id: int, workspace: Path, commit: str, ref: str) -> None:
    """`fetch_objects`, unless they were brought before and are still there: no ref keeps them from being swept."""
    if depot.knows("brought", project_id, commit, commit):
        if (workspace / ".git" / "objects" / commit[:2] / commit[2:]).exists():
            return
        there = await depot.git.run(Where(workspace), "cat-file", "-e", commit, ok=(0, 1, 128))
        if there.code == 0:
            return
    await fetch_objects(depot, project_id, workspace, commit, ref)


async def _checkouts(depot: Depot, workspace: Path) -> tuple[Checkout, ...]:
    listed = await depot.git.run(Where(workspace), "worktree", "list", "--porcelain", "-z")
    found: list[Checkout] = []
    for record in os.fsdecode(listed.stdout).split("\0\0"):
        facts: dict[str, str] = {}
        for line in record.split("\0"):
            name, _, value = line.partition(" ")
            facts[name] = value
        if "worktree" in facts:
            found.append(Checkout(Path(facts["worktree"]), facts.get("branch"), "prunable" in facts))
    return tuple(found)


async def refuse_unready(depot: Depot, project_id: int, where: Where, branch: str, before: str, commit: str) -> None:
    """Raise MergeWaits unless the checkout stands on `before`, is clean, and has no file where a new one goes."""
    folder = where.folder
    _, state, added = await asyncio.gather(
        _refuse_under_way(depot, folder),
        status(depot.git, where, untracked=False),
        added_files(depot, project_id, before, commit),
    )
    if state.changed:
        raise waits("dirty", f"{folder} has changes that are not committed.", state.shown, filtered=bool(where.config))
    if state.head != before or state.branch != branch:
        raise waits("moved", f"The branch {branch} of {folder} moved while it was being merged.", ())
    names = list(_in_the_way(folder, added, ()))
    if names:  # unless it is the merge that takes them away: a folder becomes a file, a link to one becomes a folder
        names = list(_in_the_way(folder, added, await _gone_files(depot, project_id, before, commit)))
    if names:
        raise waits(
            "untracked", f"The merge would overwrite files of yours in {folder}: {', '.join(names[:10])}.", names
        )


async def added_files(depot: Depot, project_id: int, before: str, commit: str) -> list[bytes]:
    """The names that only the second commit has."""

    async def ask(before: str, commit: str) -> list[bytes]:
        return await _names(depot, project_id, "A", before, commit)

    return await depot.fact("added", project_id, before, commit, ask)


async def _gone_files(depot: Depot, project_id: int, before: str, commit: str) -> set[str]:
    """The names that only the first commit has."""
    return set(map(os.fsdecode, await _names(depot, project_id, "D", before, commit)))


async def _names(depot: Depot, project_id: int, kind: str, before: str, commit: str) -> list[bytes]:
    args = ("diff-tree", "-r", "-z", "--no-renames", f"--diff-filter={kind}", "--name-only", before, commit)
    said = await depot.git.run(depot.bare(project_id), *args)
    return [name for name in said.stdout.split(b"\0") if name]


def _in_the_way(folder: Path, new: Iterable[bytes], gone: Collection[str]) -> Iterator[str]:
    """The files of the checkout that stand where a new name goes, but those that are `gone` with the merge. git itself
    would overwrite such a file when it is ignored."""
    for name in map(os.fsdecode, new):
        path = folder / name
        if not os.path.lexists(path) or any(str(parent) in gone for parent in PurePosixPath(name).parents):
            continue
        if path.is_symlink() or not path.is_dir() or not gone:
            yield shown(name)
            continue
        within = (one for one in path.rglob("*") if one.is_symlink() or not one.is_dir())
        yield from (shown(one) for one in (str(one.relative_to(folder)) for one in within) if one not in gone)


async def _refuse_under_way(depot: Depot, folder: Path, only_for: str | None = None) -> None:
    """Raise MergeWaits while a rebase or the like runs in the checkout; with `only_for`, only a rebase of that ref."""
    git_dir = folder / ".git"
    if not git_dir.is_dir():  # another worktree of the repository: a file that says where
        answer = await depot.git.run(Where(folder), "rev-parse", "--absolute-git-dir")
        git_dir = Path(os.fsdecode(answer.stdout.rstrip(b"\n")))
    what = _under_way(git_dir, only_for)
    if what is not None:
        raise waits("busy", f"There is {what} under way in {folder}.", ())


def _under_way(git_dir: Path, only_for: str | None) -> str | None:
    for name, what in UNDER_WAY.items():
        if not (git_dir / name).exists():
            continue
        head_name = git_dir / name / "head-name"
        if only_for is None or (head_name.is_file() and head_name.read_text().strip() == only_for):
            return what
    return None


async def _move_ref(depot: Depot, workspace: Path, branch: str, before: str, commit: str) -> None:
    where = Where(workspace)
    ref = f"refs/heads/{branch}"
    try:
        await depot.git.run(where, "update-ref", "-m", "merge by Workflow Hub", ref, commit, before)
    except GitFailed as error:
        if await resolve(depot.git, where, ref) == before:
            raise
        raise waits("moved", f"The branch {branch} of {workspace} moved while it was being merged.", ()) from error


def _refuse_locked(folder: Path, branch: str) -> None:
    """git looks at the lock of the branch only after it has written the files. Raises RepositoryLocked."""
    for lock in (folder / ".git" / "refs" / "heads" / f"{branch}.lock", folder / ".git" / "HEAD.lock"):
        if lock.exists():
            raise locked(str(folder), str(lock))


async def _merge_or_put_back(depot: Depot, project_id: int, where: Where, before: str, commit: str) -> None:
    try:
        await depot.git.run(where, "merge", "--ff-only", "--no-overwrite-ignore", "--quiet", commit, patient=False)
    except HubError as error:
        if _touched_nothing(error):  # what is other than before is the person's own, saved since it was looked at
            raise
        added = await added_files(depot, project_id, before, commit)
        try:
            await put_back(depot.git, where, before, commit, added)
        except (HubError, OSError) as failed:
            sentence = f"The merge in {where.folder} broke off, and its files could not be put back: {failed}"
            raise waits("broken", sentence, ()) from error
        raise


def _touched_nothing(error: HubError) -> bool:
    """Whether git refused before it wrote to the checkout. It takes the lock of its index first, the branch's last."""
    if isinstance(error, RepositoryLocked):
        return Path(str(error.data.get("lock", ""))).name == "index.lock"
    return isinstance(error, GitFailed) and REFUSED.search(str(error.data.get("stderr", ""))) is not None


async def _fast_forward(depot: Depot, project_id: int, where: Where, branch: str, before: str, commit: str) -> None:
    folder = where.folder
    try:
        async for attempt in while_locked():
            with attempt:
                _refuse_locked(folder, branch)
                await _merge_or_put_back(depot, project_id, where, before, commit)
    except GitFailed as error:
        # What changed between the look and the merge; git names the files in indented lines, and has touched none.
        said = str(error.data.get("stderr", ""))
        files = [line.strip() for line in said.splitlines() if line.startswith("\t")]
        if "untracked working tree files" in said:
            raise waits("untracked", f"The merge would overwrite files of yours in {folder}.", files) from error
        if files or "would be overwritten" in said:
            raise waits("dirty", f"{folder} has changes that are not committed.", files) from error
        if "fast-forward" in said:
            raise waits("moved", f"The branch {branch} of {folder} moved while it was being merged.", ()) from error
        raise
