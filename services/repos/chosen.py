"""A commit of chosen files in the person's own checkout, on the branch they are on: their other changes stay theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.domain.errors import InvalidInput
from services.repos.commit import with_trailers
from services.repos.errors import WorkspaceDetached, WorktreeDirty
from services.repos.git import Git, Where
from services.repos.person import person
from services.repos.status import Status, shown, stage, status


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout as it was looked at. `own` are the paths in which the person had changes that were not committed."""

    git: Git
    where: Where
    own: frozenset[str]


async def look_at(git: Git, folder: Path) -> Checkout:
    """Before anything is changed. Raises InvalidInput where the folder is no repository's root, WorkspaceDetached, and
    what git refuses (RepositoryNotOwned, RepositoryForbidden)."""
    await git.check_version()
    found = await git.run(Where(folder), "rev-parse", "--is-inside-work-tree", "--show-cdup", ok=(0, 128))
    if found.code == 128 and "not a git repository" not in found.stderr:
        await git.run(Where(folder), "rev-parse", "--is-inside-work-tree")  # raises what fits
    if found.stdout.decode("utf-8", "replace").split("\n")[:2] != ["true", ""]:
        raise InvalidInput(
            f"{folder} is not the root of a git repository, so nothing can be committed there.",
            "Run git init in it, name the repository's own folder, or ask for no commit.",
        )
    where = await person(git, folder)
    state = await status(git, where)
    if state.branch is None:
        raise WorkspaceDetached(f"HEAD of {folder} is on no branch.", "Check a branch out there: git switch <branch>.")
    return Checkout(git, where, frozenset(state.paths))


async def commit_chosen(checkout: Checkout, paths: Sequence[str], message: str, trailers: Mapping[str, str]) -> str:
    """Commit these files, and only them, as they are now; the new commit's id.

    Raises WorktreeDirty when the person had changes in one of them before, for these would be committed too.
    """
    if mixed := sorted(checkout.own.intersection(paths)):
        raise WorktreeDirty(
            f"Not committed: {', '.join(shown(path) for path in mixed)} had changes of yours already.",
            "Look at them with git diff, and commit what belongs together.",
            files=[shown(path) for path in mixed],
        )
    git, where = checkout.git, checkout.where
    text = with_trailers(message, trailers)
    await stage(git, where, Status(None, None, tuple(paths), (), ()))
    # A name may begin with a colon or hold a star: it is a name all the same.
    await git.run(
        where, "commit", "--quiet", "--only", "--no-verify", "--cleanup=verbatim", "--file=-", "--", *paths,
        stdin=text.encode(), variables={"GIT_LITERAL_PATHSPECS": "1"},
    )  # fmt: skip
    return (await git.run(where, "rev-parse", "HEAD")).text
