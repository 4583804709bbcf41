"""Merges an approved branch into the person's branch: once, whatever is killed on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.points import Point, reached
from services.repos.commit import with_trailers
from services.repos.deliver import added_files, deliver, fetch_objects, look, waits
from services.repos.depot import Depot, absent_ref, checked_run, checked_sha, resolve, revision
from services.repos.errors import GitFailed, MergeConflict, RevisionMissing
from services.repos.methods import MergeMethod, commits_of, fits
from services.repos.mirror import fetch_target, follow_merge, known_target
from services.repos.together import together
from services.repos.update import contains, dry_merge

FORESEEN = "foreseen"


@dataclass(frozen=True, slots=True)
class Merged:
    """`commit` is what the person's branch now holds: the last commit of the merge, or `target_before` when the branch
    had nothing new. `recovery_ref` in the mirror points at `target_before`. `delivered` is false when there was nothing
    left to do."""

    commit: str
    target_before: str
    recovery_ref: str
    delivered: bool


async def merge(
    depot: Depot,
    project_id: int,
    workspace: Path,
    branch: str,
    target_branch: str,
    message: str,
    trailers: Mapping[str, str],
    run_id: str,
    expected_target: str | None = None,
    meanwhile: Callable[[str], Awaitable[object]] | None = None,
    method: MergeMethod = "merge",
) -> Merged:
    """Merge `branch` of the mirror into `target_branch` of the workspace. The lock of the project is held.

    With `expected_target` (the commit the approval saw) a target that moved since makes the merge wait. Raises
    MergeWaits (reason in `data`), MergeConflict, RevisionMissing. Called again for the same run it finishes what was
    begun: what is merged is made once, and kept under refs/wfhub/merges/<run_id> before anything is delivered, with the
    branch's own last commit under refs/wfhub/heads/<run_id>: by squash and rebase it is in nobody's history.
    `meanwhile` is called with that commit while it is delivered; it must not fail.
    """
    target = await fetch_target(depot, project_id, workspace, target_branch)
    made_ref, recovery_ref = _merge_ref(run_id), f"refs/wfhub/recovery/{run_id}"
    if (done := await merged_before(depot, project_id, target, run_id)) is not None:
        return done
    made = await _made_before(depot, project_id, made_ref)
    if expected_target is not None and target != checked_sha(expected_target):
        raise waits("moved", f"The branch {target_branch} of {workspace} has moved since the approval.", ())
    tip = depot.commit_of(project_id, revision(branch)) or await resolve(
        depot.git, depot.bare(project_id), revision(branch)
    )
    if tip is None:
        raise RevisionMissing(f"The branch {branch} is not in the hub's mirror.", "Run the task again.", branch=branch)
    if await contains(depot, project_id, target, tip):
        return Merged(target, target, recovery_ref, False)
    if made is None or not await _still_fits(depot, project_id, method, made, target, tip, recovery_ref):
        text = with_trailers(message, trailers)
        made, seen = await together(
            _make(depot, project_id, method, tip, target, branch, text, run_id, made),
            look(depot, workspace, target_branch),
        )
    else:
        seen = await look(depot, workspace, target_branch)
    await reached(Point.MERGE_MADE)
    beside = asyncio.ensure_future(meanwhile(made)) if meanwhile is not None else None
    try:
        await deliver(depot, project_id, workspace, target_branch, target, made, made_ref, seen)
    finally:
        if beside is not None:
            await beside
    await reached(Point.MERGE_DELIVERED)
    arrived = await follow_merge(depot, project_id, workspace, target_branch, made)
    if not await contains(depot, project_id, arrived, made):
        raise GitFailed(f"The merge commit {made} did not arrive in {target_branch} of {workspace}.", "Merge again.")
    return Merged(made, target, recovery_ref, True)


async def merged_before(depot: Depot, project_id: int, target: str, run_id: str) -> Merged | None:
    """What this run merged before, where the commit `target` has it."""
    made = await _made_before(depot, project_id, _merge_ref(run_id))
    if made is None or not await contains(depot, project_id, target, made):
        return None
    recovery_ref = f"refs/wfhub/recovery/{run_id}"
    before = await resolve(depot.git, depot.bare(project_id), recovery_ref)
    return Merged(made, before or target, recovery_ref, False)


async def merged_by_another(depot: Depot, project_id: int, tip: str, target: str) -> Merged | None:
    """The merge of exactly this commit by any run, where `target` has what came of it, by squash or rebase too."""
    bare = depot.bare(project_id)
    form = ("--format=%(refname:lstrip=3)", f"--points-at={tip}", "refs/wfhub/heads")
    for run_id in (await depot.git.run(bare, "for-each-ref", *form)).text.splitlines():
        if (merged := await merged_before(depot, project_id, target, run_id)) is not None:
            return merged
    return None


def _merge_ref(run_id: str) -> str:
    return f"refs/wfhub/merges/{checked_run(run_id)}"


async def _made_before(depot: Depot, project_id: int, made_ref: str) -> str | None:
    if absent_ref(depot.mirror(project_id), made_ref):
        return None
    return await resolve(depot.git, depot.bare(project_id), made_ref)


async def _make(
    depot: Depot,
    project_id: int,
    method: MergeMethod,
    tip: str,
    target: str,
    branch: str,
    message: str,
    run_id: str,
    old: str | None,
) -> str:
    """The merge's last commit, kept together with the recovery ref in one transaction."""
    commit = depot.facts.get((FORESEEN + method, project_id, tip, target))
    if commit is None:
        commit = await _commit(depot, project_id, method, tip, target, branch, message)
    # A merge that was made for an older target and never delivered is replaced. "0" ids: the ref must not exist yet.
    before = old or "0" * len(commit)
    changes = (
        f"update refs/wfhub/recovery/{run_id} {target}\nupdate refs/wfhub/heads/{run_id} {tip}\n"
        f"update {_merge_ref(run_id)} {commit} {before}\n"
    )
    await depot.git.run(depot.bare(project_id), "update-ref", "--stdin", stdin=changes.encode())
    return commit


async def _commit(
    depot: Depot, project_id: int, method: MergeMethod, tip: str, target: str, branch: str, message: str
) -> str:
    """Try the merge dry and make its commits, which nothing points at yet."""
    dry = await dry_merge(depot, project_id, tip, target)
    if not dry.clean:
        raise MergeConflict(
            f"{branch} conflicts with the target in {', '.join(dry.conflicts[:10])}.",
            "The task goes back to DEV with these files named.",
            files=list(dry.conflicts),
        )
    return await commits_of(depot, project_id, method, tip, target, dry.tree, message)


async def foresee(
    depot: Depot,
    project_id: int,
    workspace: Path,
    branch: str,
    target_branch: str,
    message: str,
    trailers: Mapping[str, str],
    method: MergeMethod = "merge",
) -> str | None:
    """Makes the commit of a merge that a person is asked for, and brings its objects to the workspace, where nothing
    shows of them. `merge` takes it when both sides are still the same; by another process, or after a restart, it makes
    its own. The commit, or None where a merge would have nothing to do, or has to look closer. Raises MergeConflict.
    """
    target = known_target(depot, project_id, workspace, target_branch)
    tip = depot.commit_of(project_id, revision(branch))
    if target is None or tip is None or await contains(depot, project_id, target, tip):
        return None
    if not await contains(depot, project_id, tip, target):
        return None  # the branch is brought up to the target first
    commit = await _commit(depot, project_id, method, tip, target, branch, with_trailers(message, trailers))
    ref = f"refs/wfhub/foreseen/{tip}"
    await depot.git.run(depot.bare(project_id), "update-ref", ref, commit)
    await fetch_objects(depot, project_id, workspace, commit, ref)
    await added_files(depot, project_id, target, commit)
    depot.facts[FORESEEN + method, project_id, tip, target] = commit
    return commit


async def _still_fits(
    depot: Depot, project_id: int, method: MergeMethod, made: str, target: str, tip: str, recovery_ref: str
) -> bool:
    """Whether what was made before a crash is still right: for the same target, branch and method."""
    if await resolve(depot.git, depot.bare(project_id), recovery_ref) != target:
        return False
    dry = await dry_merge(depot, project_id, tip, target)
    return dry.clean and await fits(depot, project_id, method, made, tip, dry.tree)
