"""A fast-forward that git broke off half done: the person's files become again what they were before it.

git writes the files, then its index, then moves the branch. A lock file at the branch, a disk that fills up or may only
be read stop it in between, and it leaves the merge as if the person had made these changes and not committed them.
"""

import os
from collections.abc import Sequence

from services.repos.depot import resolve
from services.repos.git import Git, Where


async def put_back(git: Git, where: Where, before: str, commit: str, added: Sequence[bytes]) -> None:
    """Undoes what a merge of `commit` onto `before` wrote in the checkout. Nothing is done where the branch has moved.

    All that the merge changes had just been looked at: it was as in `before`, and the `added` files were not there.
    Raises HubError or OSError where even that could not be written.
    """
    if await resolve(git, where, "HEAD") != before:
        return
    if (await git.run(where, "diff-index", "--cached", "--quiet", commit, ok=(0, 1))).code == 0:
        await git.run(where, "read-tree", "-m", "-u", commit, before)  # keeps what the person changed meanwhile
        return
    _remove(os.fsencode(where.folder), added)
    ours = await git.run(where, "diff-tree", "-r", "-z", "--no-renames", "--name-only", before, commit)
    now = await git.run(where, "diff-files", "-z", "--name-only", ok=(0, 1))
    wrong = set(ours.stdout.split(b"\0")) & set(now.stdout.split(b"\0")) - {b""}
    if wrong:
        await git.run(where, "checkout-index", "-f", "-z", "--stdin", stdin=b"\0".join(wrong) + b"\0")


def _remove(folder: bytes, names: Sequence[bytes]) -> None:
    """Where a folder or a link to one still stands, the merge had not come to write: that is the person's."""
    root = os.path.realpath(folder)
    for name in names:  # of any bytes: no Path objects
        path = os.path.join(root, name)  # noqa: PTH118
        beyond_a_link = os.path.realpath(os.path.dirname(path)) != os.path.dirname(path)  # noqa: PTH120
        a_folder = os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114
        # where nothing may be written, to unlink what is not there fails too
        if os.path.lexists(path) and not beyond_a_link and not a_folder:
            os.unlink(path)  # noqa: PTH108
