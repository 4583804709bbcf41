"""From a workspace to a merged commit, and each call a second time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.repos.errors import NotMerged, RevisionMissing, UnsafeFile
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person


async def test_a_task_from_workspace_to_merge(repos: Repos, person: Person, home: Path) -> None:
    workspace = await repos.prepare_workspace(person.path, "main")
    assert (workspace.head, workspace.dirty, workspace.created) == (person.head(), (), False)
    await repos.ensure_mirror(1, person.path, "main")
    base = await repos.fetch_target(1, person.path, "main")
    tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", base)
    assert tree.path == home / "worktrees" / "1" / "POC-1"
    assert await repos.checkpoint(tree, "run-1") == base

    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    (tree.path / "new file.txt").write_text("new\n")
    (tree.path / ".workflow").mkdir()
    (tree.path / ".workflow" / "notes").write_text("ours")
    made = await repos.commit_all(tree, "Make it so", TRAILERS)
    assert made is not None
    entry = (await repos.log(1, "wf/POC-1", 1))[0]
    assert (entry.sha, entry.subject, dict(entry.trailers)) == (made, "Make it so", TRAILERS)
    assert entry.author == "Workflow Hub"

    seen = await repos.diff(1, base, made)
    assert [(f.path, f.status, f.added, f.removed) for f in seen.files] == [
        ("app.py", "modified", 1, 1),
        ("new file.txt", "added", 1, 0),
    ]
    assert "+TWO" in seen.patch
    assert not seen.truncated
    assert (await repos.dry_merge(1, "wf/POC-1", base)).clean
    with pytest.raises(NotMerged):
        await repos.remove_worktree(1, "POC-1", "wf/POC-1")

    merged = await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, "run-9")
    assert merged.delivered
    assert merged.target_before == base
    assert person.head() == merged.commit
    assert person.git("status", "--porcelain") == ""
    assert (person.path / "app.py").read_text() == "one\nTWO\nthree\n"
    assert person.git("log", "-1", "--format=%(trailers:key=Run,valueonly)").strip() == "run-1"

    await repos.remove_worktree(1, "POC-1", "wf/POC-1")
    await repos.remove_worktree(1, "POC-1", "wf/POC-1")
    assert not tree.path.exists()


async def test_opening_and_checkpoint_start_no_process(repos: Repos, tree: Worktree) -> None:
    before = repos.depot.git.spawned
    again = await repos.open_worktree(1, "POC-1", "wf/POC-1", tree.head)
    point = await repos.checkpoint(again, "run-2")
    assert repos.depot.git.spawned == before
    assert again == tree
    assert point == tree.head


@pytest.mark.parametrize("packed", [False, True])
async def test_refs_may_be_packed_or_loose(
    repos: Repos, person: Person, tree: Worktree, mirror_git: Callable[..., str], packed: bool
) -> None:
    """The hub reads loose refs itself; git alone reads packed ones. Neither may change what happens."""

    def pack() -> None:
        if packed:
            person.git("pack-refs", "--all")
            mirror_git("pack-refs", "--all")

    (tree.path / "app.py").write_text("changed\n")
    made = await repos.commit_all(tree, "Change", TRAILERS)
    assert made is not None
    assert await repos.checkpoint(tree, "run-1") == made
    pack()
    assert await repos.changed_files(1, tree.head, "wf/POC-1") == ("app.py",)
    before = repos.depot.git.spawned
    merged = await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, "run-9")
    assert person.head() == merged.commit
    if not packed:
        assert repos.depot.git.spawned - before <= 12
    pack()
    assert await repos.target(1, person.path, "main") == merged.commit
    assert not (await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, "run-9")).delivered
    theirs = person.commit({"app.py": "theirs\n"}, "Theirs")
    pack()
    assert await repos.target(1, person.path, "main") == theirs
    (tree.path / "app.py").write_text("more\n")
    newest = await repos.commit_all(tree, "More", TRAILERS)
    pack()
    assert await repos.head(1, "wf/POC-1") == newest
    assert await repos.is_behind(1, "wf/POC-1", theirs)
    assert (await repos.open_worktree(1, "POC-2", "wf/POC-2", theirs)).head == theirs


async def test_a_commit_that_was_missing_may_come(repos: Repos, person: Person, tree: Worktree) -> None:
    later = person.commit({"app.py": "later\n"})
    with pytest.raises(RevisionMissing):
        await repos.open_worktree(1, "POC-3", "wf/POC-3", later)
    await repos.target(1, person.path, "main")
    assert (await repos.open_worktree(1, "POC-3", "wf/POC-3", later)).head == later


async def test_calls_done_twice_change_nothing(
    repos: Repos, person: Person, tree: Worktree, mirror_git: Callable[..., str]
) -> None:
    (tree.path / "app.py").write_text("changed\n")
    first = await repos.commit_all(tree, "Change", TRAILERS)
    assert await repos.commit_all(tree, "Change", TRAILERS) == first
    assert await repos.commit_all(tree, "Another", TRAILERS) is None
    await repos.ensure_mirror(1, person.path, "main")
    point = await repos.checkpoint(tree, "run-1")
    (tree.path / "app.py").write_text("changed again\n")
    await repos.commit_all(tree, "Again", {"Run": "run-2"})
    assert await repos.checkpoint(tree, "run-1") == point == first
    mirror_git("pack-refs", "--all")
    assert await repos.checkpoint(tree, "run-1") == point
    assert (await repos.open_worktree(1, "POC-1", "wf/POC-1", point)).head == mirror_git("rev-parse", "wf/POC-1")


async def test_base_worktrees_are_kept_and_swept(repos: Repos, person: Person, tree: Worktree) -> None:
    base = await repos.base_worktree(1, tree.head)
    assert (base / "app.py").read_text() == "one\ntwo\nthree\n"
    before = repos.depot.git.spawned
    assert await repos.base_worktree(1, tree.head) == base
    assert repos.depot.git.spawned == before
    assert await repos.sweep_base_worktrees(1, keep=[tree.head]) == ()
    assert await repos.sweep_base_worktrees(1) == (base,)
    assert not base.exists()
    assert tree.path.exists()


async def test_diff_says_what_changed(repos: Repos, person: Person, tree: Worktree) -> None:
    (tree.path / "README.md").rename(tree.path / "Read\tme ü.md")
    (tree.path / "picture").write_bytes(b"\0\1\2")
    (tree.path / "app.py").unlink()
    head = await repos.commit_all(tree, "Changes", TRAILERS)
    assert head is not None
    seen = await repos.diff(1, tree.head, head)
    facts = {f.path: (f.old_path, f.status, f.added, f.removed, f.binary) for f in seen.files}
    assert facts == {
        "Read\tme ü.md": ("README.md", "renamed", 0, 0, False),
        "picture": (None, "added", 0, 0, True),
        "app.py": (None, "deleted", 0, 3, False),
    }
    cut = await repos.diff(1, tree.head, head, patch_bytes=100)
    assert cut.truncated
    assert cut.files == seen.files
    assert 0 < len(cut.patch) <= 100
    assert seen.patch.startswith(cut.patch)
    assert set(await repos.changed_files(1, tree.head, head)) == {"Read\tme ü.md", "README.md", "picture", "app.py"}
    assert await repos.merge_base(1, "wf/POC-1", tree.head) == tree.head


async def test_patch_id_outlives_a_rebase_and_no_real_change(
    repos: Repos, person: Person, tree: Worktree, mirror_git: Callable[..., str]
) -> None:
    (tree.path / "app.py").write_text("one\ntwo\nTHREE\n")
    head = await repos.commit_all(tree, "Shout", TRAILERS)
    assert head is not None
    before = await repos.patch_id(1, tree.head, head)
    target = person.commit({"other.txt": "x\n"})
    await repos.fetch_target(1, person.path, "main")
    assert await repos.is_behind(1, "wf/POC-1", target)
    updated = await repos.update_from_target(tree, target, TRAILERS)
    assert updated.clean
    assert not await repos.is_behind(1, "wf/POC-1", target)
    assert (await repos.update_from_target(tree, target, TRAILERS)).head == updated.head
    assert await repos.patch_id(1, target, updated.head) == before
    ids = {before}
    for content, mode in ((b"\0a", 0o644), (b"\0b", 0o644), (b"\0b", 0o755)):
        (tree.path / "binary").write_bytes(content)
        (tree.path / "binary").chmod(mode)
        head = await repos.commit_all(tree, f"{content!r} {mode}", TRAILERS)
        assert head is not None
        ids.add(await repos.patch_id(1, target, head))
    assert len(ids) == 4
    assert await repos.patch_id(1, target, target) == ""


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", ".git", "sub/../../.."])
async def test_links_out_of_the_worktree_are_refused(repos: Repos, tree: Worktree, target: str) -> None:
    (tree.path / "link").symlink_to(target)
    with pytest.raises(UnsafeFile, match="link"):
        await repos.commit_all(tree, "Link", TRAILERS)
    (tree.path / "link").unlink()
    (tree.path / "link").symlink_to("app.py")
    assert await repos.commit_all(tree, "Link", TRAILERS)


async def test_repositories_within_are_refused(repos: Repos, tree: Worktree) -> None:
    inner = tree.path / "inner"
    inner.mkdir()
    Person(inner).git("init", "-q")
    with pytest.raises(UnsafeFile, match="inner"):
        await repos.commit_all(tree, "Inner", TRAILERS)
    Person(inner).commit({"x": "x"})
    with pytest.raises(UnsafeFile, match="inner"):
        await repos.commit_all(tree, "Inner", TRAILERS)
