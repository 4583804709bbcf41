"""A commit of the change with files of its base laid over it: what the base's own tests say of the change."""

from collections.abc import Callable
from tempfile import TemporaryDirectory

from services.repos.depot import Depot, revision

_WHEN = "2000-01-01T00:00:00+00:00"  # the same trees make the same commit, so done again it is the same one
_VARIABLES = {"GIT_AUTHOR_DATE": _WHEN, "GIT_COMMITTER_DATE": _WHEN}


async def laid_over(
    depot: Depot, project_id: int, base: str, head: str, changed: tuple[str, ...], belongs: Callable[[str], bool]
) -> str | None:
    """The id of such a commit; None where nothing that `belongs` and was there at `base` is changed by `head`.

    What belongs is as it was at the base: changed files changed back, deleted ones there again. Files that are new stay
    where `belongs` says nothing of them; new ones that belong are left out, for one of them may be what silences a test
    that stayed. The commit is in no history and on no branch.
    """
    chosen = tuple(path for path in changed if belongs(path))
    bare = depot.bare(project_id)
    if not chosen:
        return None
    base_id, head_id = revision(base), revision(head)
    listed = await depot.git.run(bare, "ls-tree", "-r", "-z", "--full-tree", base_id)
    there = {entry.partition("\t")[2]: entry for entry in listed.names}
    if not any(path in there for path in chosen):
        return None
    gone = "0" * 40
    lines = [_entry(there[path]) if path in there else f"0 {gone}\t{path}" for path in chosen]
    with TemporaryDirectory(prefix="overlay-", dir=bare.folder) as folder:  # two may be made at the same time
        variables = {**_VARIABLES, "GIT_INDEX_FILE": f"{folder}/index"}
        await depot.git.run(bare, "read-tree", head_id, variables=variables)
        stdin = "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape")
        await depot.git.run(bare, "update-index", "-z", "--index-info", stdin=stdin, variables=variables)
        tree = (await depot.git.run(bare, "write-tree", variables=variables)).text
    message = "The change with its base's own tests"
    made = await depot.git.run(bare, "commit-tree", tree, "-p", head_id, "-m", message, variables=_VARIABLES)
    depot.is_there(project_id, made.text)
    return made.text


def _entry(listed: str) -> str:
    """`<mode> <type> <id>\\t<path>` of ls-tree as `<mode> <id>\\t<path>` of update-index."""
    about, _, path = listed.partition("\t")
    mode, _, sha = about.split(" ")
    return f"{mode} {sha}\t{path}"
