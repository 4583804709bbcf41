"""The point before a run: kept under a ref, and gone back to when a step is done again."""

from services.repos.depot import Depot, checked_run, checked_sha, loose_ref, resolve
from services.repos.errors import GitFailed, RevisionMissing
from services.repos.lost import save_lost
from services.repos.status import status
from services.repos.worktree import Worktree

MOST_SWEEPS = 10


async def checkpoint(depot: Depot, worktree: Worktree, run_id: str) -> str:
    """The commit the worktree stood at when this was first called for `run_id`: refs/wfhub/checkpoints/<run_id>.

    No process start where the branch is a loose ref. A run that is done again gets the same commit.
    """
    ref = f"refs/wfhub/checkpoints/{checked_run(run_id)}"
    known = loose_ref(worktree.git_dir, ref)
    if known is not None:
        return known
    branch = f"refs/heads/{worktree.branch}"
    head = loose_ref(worktree.git_dir, branch) or await resolve(depot.git, worktree.where, branch)
    if head is None:
        raise RevisionMissing(f"The branch {worktree.branch} is gone.", "Open the worktree again.")
    if depot.make_ref(worktree.project_id, ref, head):
        return head
    try:
        await depot.git.run(worktree.where, "update-ref", ref, head, "")  # "" says: it must not exist yet
    except GitFailed:
        made = await resolve(depot.git, worktree.where, ref)  # by another process, or packed
        if made is None:
            raise
        return made
    return head


def checkpoint_at_once(depot: Depot, worktree: Worktree, run_id: str) -> bool:
    """Makes the checkpoint of a run that has none, at the worktree's head; False where only git can."""
    return depot.make_ref(worktree.project_id, f"refs/wfhub/checkpoints/{checked_run(run_id)}", worktree.head)


async def restore(depot: Depot, worktree: Worktree, sha: str, run_id: str) -> str | None:
    """Bring branch, index and files back to `sha`. The lock of the worktree is held.

    Commits after `sha` and changes that were not committed are kept under refs/wfhub/lost/<run_id>-<n>; the last such
    ref, or None when nothing had to be kept. Git-ignored files (environments, caches, `.workflow/`) stay: they are
    not part of the work, and slow to make again.
    """
    checked_run(run_id)
    saved = await save_lost(depot, worktree.where, run_id, keep_head=checked_sha(sha))
    if saved is None:
        return None
    sweep = ("clean", "-ffd", "--quiet", "--exclude=/.workflow")
    await depot.git.run(worktree.where, *sweep)
    await depot.git.run(worktree.where, "reset", "--hard", "--quiet", sha)
    # Each .gitignore of the run's that goes lets files show up that it hid: they are kept before they are swept.
    for _ in range(MOST_SWEEPS):
        state = await status(depot.git, worktree.where)
        if not (state.untracked or state.nested):
            break
        saved = await save_lost(depot, worktree.where, run_id) or saved
        await depot.git.run(worktree.where, *sweep)
    return saved
