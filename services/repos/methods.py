"""The commits that bring a branch's work to its target, as the project merges; nothing points at them yet."""

from typing import Literal, get_args

from services.repos.depot import Depot
from services.repos.git import Where

MergeMethod = Literal["merge", "squash", "rebase"]
METHODS: tuple[MergeMethod, ...] = get_args(MergeMethod)


async def commits_of(
    depot: Depot, project_id: int, method: MergeMethod, tip: str, target: str, tree: str, message: str
) -> str:
    """The last of them. `tree` is what merging `tip` into `target` gives, and what each method ends with.

    merge: one commit with both as parents. squash: one commit on the target. rebase: the branch's own commits one by
    one on the target, with their authors and trailers; where they do not apply one by one, or do not add up to `tree`
    (a merge within the branch had settled something), one commit, as with squash.
    """
    bare = depot.bare(project_id)
    if method == "merge":
        return await _commit(depot, bare, tree, (target, tip), message)
    replayed = await _replayed(depot, bare, tip, target, tree) if method == "rebase" else None
    return replayed or await _commit(depot, bare, tree, (target,), message)


async def fits(depot: Depot, project_id: int, method: MergeMethod, made: str, tip: str, tree: str) -> bool:
    """Whether `made` is what `commits_of` would answer by this method for the target that it was made on."""
    shown = await depot.git.run(depot.bare(project_id), "show", "--no-patch", "--format=%T%n%P", made)
    its_tree, _, parents = shown.text.partition("\n")
    return its_tree == tree and (method != "merge" or parents.split(" ")[1:] == [tip])


async def _replayed(depot: Depot, bare: Where, tip: str, target: str, tree: str) -> str | None:
    args = ("rev-list", "--reverse", "--topo-order", "--no-merges", tip, f"^{target}")
    onto = target
    for commit in (await depot.git.run(bare, *args)).text.split():
        picked = await _pick(depot, bare, commit, onto)
        if picked is None:
            return None
        onto = picked
    return onto if onto != target and await _tree(depot, bare, onto) == tree else None


async def _pick(depot: Depot, bare: Where, commit: str, onto: str) -> str | None:
    """`commit` on top of `onto`; `onto` itself where that changes nothing, None where they conflict.

    merge-tree of git 2.39 takes no merge base: it is given one by a commit with the files of `onto` and the parent of
    `commit`.
    """
    form = "%P%x00%an%x00%ae%x00%aI%x00%B"
    shown = (await depot.git.run(bare, "log", "-1", f"--format={form}", "--no-show-signature", commit)).stdout
    parent, name, email, date, message = shown.split(b"\0", 4)
    if parent.decode() == onto:
        return commit
    if not parent:  # a first commit of its own
        return None
    ours = await _commit(depot, bare, await _tree(depot, bare, onto), (parent.decode(),), "The target's files\n")
    merged = await depot.git.run(bare, "merge-tree", "--write-tree", "--no-messages", "-z", ours, commit, ok=(0, 1))
    if merged.code:
        return None
    tree = merged.names[0]
    if tree == await _tree(depot, bare, onto):
        return onto
    author = {"GIT_AUTHOR_DATE": date.decode()} | {
        key: value.decode("utf-8", "surrogateescape")
        for key, value in (("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", email))
        if value.strip()
    }
    args = ("commit-tree", "-p", onto, tree)
    return (await depot.git.run(bare, *args, stdin=message.removesuffix(b"\n"), variables=author)).text


async def _tree(depot: Depot, bare: Where, commit: str) -> str:
    return (await depot.git.run(bare, "rev-parse", "--verify", f"{commit}^{{tree}}")).text


async def _commit(depot: Depot, bare: Where, tree: str, parents: tuple[str, ...], message: str) -> str:
    named = [part for parent in parents for part in ("-p", parent)]
    return (await depot.git.run(bare, "commit-tree", *named, tree, stdin=message.encode())).text
