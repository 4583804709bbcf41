"""Whether the person's repository has all that its branch is made of."""

import re
from pathlib import Path

from services.repos.errors import WorkspacePartial
from services.repos.git import Git, Where

_PROMISES = re.compile(r"promisor\s*=\s*true|partialclone\w*\s*=", re.IGNORECASE)


async def refuse_partial(git: Git, workspace: Path, branch: str) -> None:
    """Raises WorkspacePartial for a partial clone whose branch lacks objects. git would fetch them one by one from
    wherever its configuration says, with whatever program that names; the hub asks nobody.

    No process is started for a repository that was never a partial clone.
    """
    if not await _was_partial(git, workspace):
        return
    args = ("rev-list", "--objects", "--missing=print", "--quiet", f"refs/heads/{branch}")
    lacking = (await git.run(Where(workspace), *args)).text.count("?")
    if lacking:
        raise WorkspacePartial(
            f"{workspace} is a partial clone: {lacking} objects of {branch} are not in it.",
            "Bring them there: git config --unset remote.origin.partialclonefilter && git fetch --refetch.",
            missing=lacking,
        )


async def _was_partial(git: Git, workspace: Path) -> bool:
    config = workspace / ".git" / "config"
    if config.is_file():
        return _PROMISES.search(config.read_text(errors="replace")) is not None
    named = await git.run(
        Where(workspace), "config", "--name-only", "--get-regexp", r"^remote\..*\.promisor$|^extensions\.partialclone$",
        ok=(0, 1, 128),
    )  # fmt: skip
    return bool(named.stdout)
