"""What git can refuse, in words a person can act on."""

from services.domain.errors import HubError


class GitFailed(HubError):
    """A git call failed, and the hub has no better words for it; `data` has its arguments, exit code and stderr."""

    code = "git_failed"


class GitTimedOut(GitFailed):
    """A git call was stopped at its time limit."""

    code = "git_timed_out"


class GitMissing(HubError):
    """There is no git program on this machine."""

    code = "git_missing"


class GitTooOld(HubError):
    """The git program lacks what the hub needs."""

    code = "git_too_old"


class RepositoryLocked(HubError):
    """Another git process holds a lock file of the repository, or one that crashed left it."""

    code = "repository_locked"


class RepositoryBusy(HubError):
    """Another hub process works on the same repository for longer than was waited."""

    code = "repository_busy"


class RepositoryForbidden(HubError):
    """The hub's user may not read or write there."""

    code = "repository_forbidden"


class RepositoryNotOwned(HubError):
    """The repository belongs to another user, and git refuses to work in it."""

    code = "repository_not_owned"


class RepositoryDiskFull(HubError):
    """The disk (or the quota) has no room for what git writes."""

    code = "repository_disk_full"


class RevisionMissing(HubError):
    """A commit or branch that was named does not exist."""

    code = "revision_missing"


class WorkspaceIsFile(HubError):
    """The workspace path, or a parent of it, is a file."""

    code = "workspace_is_file"


class WorkspaceMissing(HubError):
    """The workspace folder, or its repository, is gone."""

    code = "workspace_missing"


class WorkspaceBare(HubError):
    """The workspace is a bare repository: there are no files in it."""

    code = "workspace_bare"


class WorkspaceDetached(HubError):
    """The workspace's HEAD is on no branch."""

    code = "workspace_detached"


class WorkspacePartial(HubError):
    """The workspace is a partial clone that lacks objects of its branch; `data["missing"]` counts them."""

    code = "workspace_partial"


class WorkspaceUncommitted(HubError):
    """The workspace's repository has files but no commit yet."""

    code = "workspace_uncommitted"


class WorkspaceInsideRepository(HubError):
    """The folder is part of a larger repository."""

    code = "workspace_inside_repository"


class UnsafeFile(HubError):
    """A file of the worktree must not be committed: a link that leaves it, or a repository within."""

    code = "unsafe_file"


class WorktreeDirty(HubError):
    """The worktree has changes that were not committed."""

    code = "worktree_dirty"


class MergeConflict(HubError):
    """The branch does not merge cleanly; `data["files"]` names the files."""

    code = "merge_conflict"


class MergeWaits(HubError):
    """The merge waits for the person: their repository cannot take it now. Nothing of theirs was touched.

    `data["reason"]` is dirty, moved, untracked, busy, locked, unreachable, or broken: git stopped half way, and
    what it had written could not be taken back. `data["files"]` names the files it is about.
    """

    code = "merge_waits"


class NotMerged(HubError):
    """The branch holds commits that the target does not have: removing it would lose them."""

    code = "branch_not_merged"


class NothingToUndo(HubError):
    """The target does not hold the merge that is to be taken back, or nothing of it is left there."""

    code = "nothing_to_undo"


class CloneFailed(HubError):
    """The repository could not be cloned, and nothing of it was left.

    `data["reason"]` is auth, missing, unreachable, untrusted, branch, large, slow or failed.
    """

    code = "clone_failed"


class PushOffline(HubError):
    """The remote could not be reached, or broke off: it is tried again."""

    code = "push_offline"


class PushRefused(HubError):
    """The remote did not take the commit, or there is no such remote: a person has to do something."""

    code = "push_refused"
