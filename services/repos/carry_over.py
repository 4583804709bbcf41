"""A branch that conflicts with its target: both sides of each file, and the rest of its work kept on a new one."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.repos.commit import with_trailers
from services.repos.depot import Depot, checked_branch, checked_sha, resolve, revision
from services.repos.errors import RevisionMissing
from services.repos.git import Where

SIDE_CHARACTERS = 6_000  # of each side of each file


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place that both sides changed: the line where it begins in the merged file, from 1, and each side's text."""

    line: int
    target: str
    branch: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """`target` and `branch` are whole texts, cut at SIDE_CHARACTERS; None where that side has no such file, or it is no
    text (`binary`). `hunks` are empty where the sides can't be shown place by place."""

    path: str
    target: str | None
    branch: str | None
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    sha: str


async def conflicts(depot: Depot, project_id: int, branch: str, target_sha: str) -> tuple[str, tuple[Conflict, ...]]:
    """The tree of the merge, with what git could not decide marked in it, and the conflicts."""
    bare, target = depot.bare(project_id), checked_sha(target_sha)
    tip = await _commit_of(depot, bare, branch)
    tree, sides = await _sides(depot, bare, tip, target)
    found = [await _conflict(depot, bare, path, own, tree, (target, tip)) for path, own in sides.items()]
    return tree, tuple(found)


async def carry_over(
    depot: Depot, project_id: int, branch: str, new_branch: str, target_sha: str, trailers: Mapping[str, str]
) -> str | None:
    """Puts `new_branch` of the mirror at a merge of `branch` and the target in which the files that conflict are as the
    target has them; its commit. None, and no branch, where that would take away something else of the target's.

    `branch` stays. Done again, it is made again: nobody has worked on the new one yet.
    """
    bare, target = depot.bare(project_id), checked_sha(target_sha)
    tip = await _commit_of(depot, bare, branch)
    tree, sides = await _sides(depot, bare, tip, target)
    settled = await _settled(depot, bare, tree, sides, f"carry-{new_branch.replace('/', '_')}")
    if not await _only_the_branchs_own_is_gone(depot, bare, target, tip, settled):
        return None
    message = with_trailers(f"Bring {new_branch} up to its target, with the target's side of what conflicts", trailers)
    args = ("commit-tree", "-p", tip, "-p", target, settled)
    commit = (await depot.git.run(bare, *args, stdin=message.encode())).text
    await depot.git.run(bare, "update-ref", f"refs/heads/{checked_branch(new_branch)}", commit)
    depot.is_there(project_id, commit)
    return commit


async def _commit_of(depot: Depot, bare: Where, branch: str) -> str:
    tip = await resolve(depot.git, bare, revision(branch))
    if tip is None:
        raise RevisionMissing(f"The branch {branch} is not in the hub's mirror.", "Run the task again.", branch=branch)
    return tip


async def _sides(depot: Depot, bare: Where, tip: str, target: str) -> tuple[str, dict[str, dict[int, _Entry]]]:
    """By path, what stands at stages 1 (their common base), 2 (the target) and 3 (the branch)."""
    args = ("-c", "merge.conflictStyle=merge", "merge-tree", "--write-tree", "--no-messages", "-z", target, tip)
    output = await depot.git.run(bare, *args, ok=(0, 1))
    tree, *listed = (field.decode("utf-8", "surrogateescape") for field in output.stdout.split(b"\0") if field)
    sides: dict[str, dict[int, _Entry]] = {}
    for entry in listed:
        about, _, path = entry.partition("\t")
        mode, sha, stage = about.split(" ")
        sides.setdefault(path, {})[int(stage)] = _Entry(mode, sha)
    return tree, sides


async def _conflict(
    depot: Depot, bare: Where, path: str, sides: dict[int, _Entry], tree: str, labels: tuple[str, str]
) -> Conflict:
    raw = [await _blob(depot, bare, sides[stage].sha if stage in sides else None) for stage in (2, 3)]
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if any(one is not None and b"\0" in one[:8_000] for one in raw):
        return Conflict(shown, None, None, binary=True)
    target, branch = (None if one is None else one.decode("utf-8", "replace")[:SIDE_CHARACTERS] for one in raw)
    merged = await _blob(depot, bare, f"{tree}:{path}") if None not in raw and "\n" not in path else None
    hunks = _hunks((merged or b"").decode("utf-8", "replace"), *labels)
    return Conflict(shown, target, branch, hunks)


async def _blob(depot: Depot, bare: Where, name: str | None) -> bytes | None:
    if name is None:
        return None
    said = await depot.git.run(bare, "cat-file", "blob", name, ok=(0, 128), limit=4 * SIDE_CHARACTERS * 16)
    return said.stdout if said.code == 0 or said.cut else None


def _hunks(merged: str, target: str, branch: str) -> tuple[Hunk, ...]:
    """Between the marks that git made, which name the two commits: no text of a file's own looks like them."""
    found: list[Hunk] = []
    sides = (list[str](), list[str]())
    at = side = -1
    for number, line in enumerate(merged.split("\n"), 1):
        if line.rstrip("\r") == f"<<<<<<< {target}":
            at, side, sides = number, 0, (list[str](), list[str]())
        elif side == 0 and line.rstrip("\r") == "=======":
            side = 1
        elif side == 1 and line.rstrip("\r") == f">>>>>>> {branch}":
            found.append(Hunk(at, "\n".join(sides[0])[:SIDE_CHARACTERS], "\n".join(sides[1])[:SIDE_CHARACTERS]))
            side = -1
        elif side >= 0:
            sides[side].append(line)
    return tuple(found)


async def _settled(depot: Depot, bare: Where, tree: str, sides: dict[str, dict[int, _Entry]], name: str) -> str:
    index = bare.folder / f"{name[:150]}.index"
    variables = {"GIT_INDEX_FILE": str(index)}
    gone = _Entry("0", "0" * len(tree))
    lines = [f"{one.mode} {one.sha}\t{path}\0" for path, own in sides.items() for one in (own.get(2, gone),)]
    try:
        await depot.git.run(bare, "read-tree", tree, variables=variables)
        stdin = "".join(lines).encode("utf-8", "surrogateescape")
        await depot.git.run(bare, "update-index", "-z", "--index-info", stdin=stdin, variables=variables)
        return (await depot.git.run(bare, "write-tree", variables=variables)).text
    finally:
        index.unlink(missing_ok=True)


async def _only_the_branchs_own_is_gone(depot: Depot, bare: Where, target: str, tip: str, tree: str) -> bool:
    """Where a file stands against a folder, or both sides renamed, git gives files other names in the tree."""

    async def gone(before: str, after: str) -> set[bytes]:
        args = ("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=D", "--name-only", before, after)
        return set((await depot.git.run(bare, *args)).stdout.split(b"\0")) - {b""}

    base = (await depot.git.run(bare, "merge-base", target, tip)).text
    return await gone(target, tree) <= await gone(base, tip)
