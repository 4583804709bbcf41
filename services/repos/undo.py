"""Takes a merge back: a commit on the person's branch that brings the files back and leaves the history as it is.

git's own `revert` wants a checkout. Here the three-way merge is made in the mirror: its base is what the merge left,
one side is the branch as it is now, the other one is what stood before the merge (a commit made for that alone, whose
parent is the base). So it is the same for merge commits, squashed and rebased branches, and for taking back an undoing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.points import Point, reached
from services.repos.commit import with_trailers
from services.repos.deliver import deliver, look, refuse_unready, waits
from services.repos.depot import Depot, checked_run, checked_sha, resolve
from services.repos.errors import GitFailed, MergeConflict, MergeWaits, NothingToUndo
from services.repos.kept import RECOVERY, UNDO, UNDONE
from services.repos.mirror import fetch_target, follow_merge
from services.repos.update import DryMerge, contains, dry_merge

# The same commit each time: what git remembers of it, and a second try, find it again.
AT_NO_TIME = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}


@dataclass(frozen=True, slots=True)
class Undoing:
    """The merge that took `branch` of the workspace from `before` to `merged`; the branch may have gone on since."""

    project_id: int
    workspace: Path
    branch: str
    merged: str
    before: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an undoing would do: from `target`, which the branch holds now, to `commit`. `waits` says why the person's
    repository could not take it now."""

    target: str
    commit: str
    waits: MergeWaits | None


@dataclass(frozen=True, slots=True)
class Undone:
    """`commit` is what the person's branch was given, `target_before` what it held; the mirror's `recovery_ref` points
    at that. `delivered` is false where it was done already."""

    commit: str
    target_before: str
    recovery_ref: str
    delivered: bool


async def foresee_undo(depot: Depot, merge: Undoing, message: str) -> Foreseen:
    """Tries the undoing dry. The lock of the project is held. Nothing is changed.

    Raises NothingToUndo where the branch does not hold the merge or nothing of it is left, MergeConflict.
    """
    target = await fetch_target(depot, merge.project_id, merge.workspace, merge.branch)
    commit = await _commit(depot, merge, target, message)
    seen = await look(depot, merge.workspace, merge.branch)
    try:
        if seen.where is not None:
            await refuse_unready(depot, merge.project_id, seen.where, merge.branch, target, commit)
    except MergeWaits as error:
        return Foreseen(target, commit, error)
    return Foreseen(target, commit, None)


async def undo_merge(
    depot: Depot, merge: Undoing, message: str, trailers: Mapping[str, str], name: str, expected: str | None = None
) -> Undone:
    """Gives the person's branch a commit that takes the merge back. The lock of the project is held.

    With `expected` (the commit the person saw) a branch that moved since makes it wait. Called again with the same
    `name` it finishes what was begun: the commit is made once, and kept under refs/wfhub/undone/<name> with the
    recovery ref before anything is delivered. Raises NothingToUndo, MergeConflict, MergeWaits.
    """
    project_id, workspace, branch = merge.project_id, merge.workspace, merge.branch
    target = await fetch_target(depot, project_id, workspace, branch)
    made_ref, recovery_ref = f"{UNDONE}/{checked_run(name)}", f"{RECOVERY}/{UNDO}{name}"
    bare = depot.bare(project_id)
    made = await resolve(depot.git, bare, made_ref)
    if made is not None and await contains(depot, project_id, target, made):
        return Undone(made, await resolve(depot.git, bare, f"{made}^1") or target, recovery_ref, False)
    if expected is not None and target != checked_sha(expected):
        raise waits("moved", f"The branch {branch} of {workspace} has moved since you looked.", ())
    if made is None or await resolve(depot.git, bare, f"{made}^1") != target:
        made = await _commit(depot, merge, target, with_trailers(message, trailers))
        changes = f"update {recovery_ref} {target}\nupdate {made_ref} {made}\n"
        await depot.git.run(bare, "update-ref", "--stdin", stdin=changes.encode())
    await reached(Point.MERGE_MADE, "undo")
    seen = await look(depot, workspace, branch)
    await deliver(depot, project_id, workspace, branch, target, made, made_ref, seen)
    await reached(Point.MERGE_DELIVERED, "undo")
    arrived = await follow_merge(depot, project_id, workspace, branch, made)
    if not await contains(depot, project_id, arrived, made):
        raise GitFailed(f"The commit {made} did not arrive in {branch} of {workspace}.", "Undo it again.")
    return Undone(made, target, recovery_ref, True)


async def bring_back(depot: Depot, project_id: int, target: str, undone: str, message: str) -> str:
    """A commit on `target` with the change that the commit `undone` had taken back; nothing points at it yet.

    Merging the old branch again would bring nothing: its commits are in the history. Raises MergeConflict.
    """
    dry = await _taken_back(depot, project_id, target, undone, f"{checked_sha(undone)}^1")
    if not dry.clean:
        raise MergeConflict(
            f"What was merged since conflicts with the change in {', '.join(dry.conflicts[:10])}.",
            "Recover its old branch by its ref, and let an agent bring it in line.",
            files=list(dry.conflicts),
        )
    args = ("commit-tree", "-p", checked_sha(target), dry.tree)
    return (await depot.git.run(depot.bare(project_id), *args, stdin=message.encode())).text


async def _taken_back(depot: Depot, project_id: int, target: str, after: str, before: str) -> DryMerge:
    """`target` without what came between `before` and `after`, which it has in its history; tried without a trace."""
    args = ("commit-tree", "-p", checked_sha(after), f"{before}^{{tree}}")
    other = await depot.git.run(depot.bare(project_id), *args, stdin=b"As it was\n", variables=AT_NO_TIME)
    return await dry_merge(depot, project_id, other.text, target)


async def _commit(depot: Depot, merge: Undoing, target: str, message: str) -> str:
    project_id, bare, merged = merge.project_id, depot.bare(merge.project_id), merge.merged
    if merged == merge.before or not await contains(depot, project_id, target, merged):
        sentence = f"{merge.branch} does not hold the merge {merged[:12]} any more."
        raise NothingToUndo(sentence, "There is nothing to take back.")
    dry = await _taken_back(depot, project_id, target, merged, checked_sha(merge.before))
    if not dry.clean:
        raise MergeConflict(
            f"Later changes on {merge.branch} build on this merge: {', '.join(dry.conflicts[:10])}.",
            "Undo the later merge first, or make a task that takes the change out by hand.",
            files=list(dry.conflicts),
        )
    if dry.tree == (await depot.git.run(bare, "rev-parse", f"{target}^{{tree}}")).text:
        sentence = f"Nothing of the merge {merged[:12]} is left on {merge.branch}."
        raise NothingToUndo(sentence, "It was taken back already.")
    return (await depot.git.run(bare, "commit-tree", "-p", target, dry.tree, stdin=message.encode())).text
