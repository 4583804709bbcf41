"""A mirror as one file that git itself can check, and back: for backups."""

from collections.abc import Collection, Mapping
from pathlib import Path

from services.repos.depot import Depot, checked_branch, checked_sha, resolve
from services.repos.errors import RevisionMissing
from services.repos.git import Where
from services.repos.mirror import create_empty, target_ref
from services.repos.refusals import system_refusals

HOLDING = "refs/wfhub/backup"  # keeps what is being written from every side, whatever branches do meanwhile


async def refs(depot: Depot, project_id: int) -> dict[str, str]:
    """Every ref of the mirror and its object; empty where there is no mirror."""
    if not (depot.mirror(project_id) / "HEAD").exists():
        return {}
    listed = await depot.git.run(depot.bare(project_id), "for-each-ref", "--format=%(objectname) %(refname)")
    pairs = (line.split(" ", 1) for line in listed.stdout.decode("utf-8", "replace").splitlines())
    return {name: sha for sha, name in pairs if not name.startswith(f"{HOLDING}/")}


async def missing(depot: Depot, project_id: int, commits: Collection[str]) -> list[str]:
    """Those of `commits` that the mirror has not."""
    asked = "".join(f"{checked_sha(sha)}\n" for sha in commits)
    if not asked or not (depot.mirror(project_id) / "HEAD").exists():
        return list(commits)
    said = await depot.git.run(
        depot.bare(project_id), "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked.encode()
    )
    return [line.split()[0] for line in said.text.splitlines() if line.endswith(" missing")]


async def write_bundle(depot: Depot, project_id: int, target: Path, commits: Collection[str]) -> None:
    """All history of `commits` in the file `target`. The mirror may be worked in meanwhile."""
    bare = depot.bare(project_id)
    names = [f"{HOLDING}/{number}" for number in range(len(commits))]
    await _drop_held(depot, project_id)
    made = "".join(f"update {name} {checked_sha(sha)}\n" for name, sha in zip(names, commits, strict=True))
    await depot.git.run(bare, "update-ref", "--stdin", stdin=made.encode())
    try:
        await depot.git.run(bare, "bundle", "create", "--quiet", str(target), f"--glob={HOLDING}/*")
    finally:
        await _drop_held(depot, project_id)


async def read_bundle(depot: Depot, project_id: int, bundle: Path, wanted: Mapping[str, str]) -> None:
    """Make the mirror out of a bundle, with exactly the refs `wanted`. Raises RevisionMissing, GitFailed."""
    mirror, bare = depot.mirror(project_id), depot.bare(project_id)
    await depot.git.check_version()
    await create_empty(depot, mirror, next(iter(wanted.values())))
    await depot.git.run(bare, "bundle", "verify", "--quiet", str(bundle))
    await depot.git.run(bare, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(bundle),
                        f"+{HOLDING}/*:{HOLDING}/*")  # fmt: skip
    lost = await missing(depot, project_id, sorted(set(wanted.values())))
    if lost:
        raise RevisionMissing(f"The backup of project {project_id}'s repository lacks {lost[0][:12]}.")
    made = "".join(f"update {name} {checked_sha(sha)}\n" for name, sha in wanted.items())
    await depot.git.run(bare, "update-ref", "--stdin", stdin=made.encode())
    await _drop_held(depot, project_id)


async def make_workspace(depot: Depot, project_id: int, path: Path, branch: str) -> bool:
    """The person's repository anew, as the mirror last saw it; False where the mirror never saw `branch`.

    `path` must not exist, or be an empty folder.
    """
    ref, where = target_ref(branch), Where(path)
    if await resolve(depot.git, depot.bare(project_id), ref) is None:
        return False
    with system_refusals(path):
        path.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - one folder
    await depot.git.run(where, "init", "--quiet", "--template=", f"--initial-branch={checked_branch(branch)}")
    mirror = depot.mirror(project_id)
    fetch = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--update-head-ok")
    await depot.git.run(where, *fetch, str(mirror), f"+{ref}:refs/heads/{branch}")
    await depot.git.run(where, "reset", "--hard", "--quiet")
    return True


async def _drop_held(depot: Depot, project_id: int) -> None:
    bare = depot.bare(project_id)
    held = await depot.git.run(bare, "for-each-ref", "--format=delete %(refname)", f"{HOLDING}/")
    if held.stdout:
        await depot.git.run(bare, "update-ref", "--stdin", stdin=held.stdout)
