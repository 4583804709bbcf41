"""Worktrees after a crash, and going back to a checkpoint: no commit and no file is lost."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.errors import InvalidInput
from services.repos.errors import RepositoryBusy, RevisionMissing, WorktreeDirty
from services.repos.git import Git, Output, Where
from services.repos.lockfiles import Locks
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import IDENTITY, TRAILERS, Person

MirrorGit = Callable[..., str]


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


async def reopen(repos: Repos, tree: Worktree) -> Worktree:
    return await repos.open_worktree(1, "POC-1", "wf/POC-1", tree.head)


def clean(tree: Worktree) -> bool:
    return Person(tree.path).git("status", "--porcelain") == ""


@pytest.mark.parametrize("point", range(8))
async def test_killed_while_it_is_made(repos: Repos, person: Person, home: Path, point: int) -> None:
    """Every git call and file written by hand is a point to die at."""
    await repos.ensure_mirror(1, person.path, "main")
    with pytest.MonkeyPatch.context() as patch:
        _die_at(patch, point)
        with pytest.raises(Killed):
            await Repos(home, IDENTITY).open_worktree(1, "POC-1", "wf/POC-1", person.head())
    tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", person.head())
    assert (tree.path / "app.py").read_text() == "one\ntwo\nthree\n"
    assert clean(tree)
    assert Person(repos.depot.mirror(1)).git("for-each-ref", "refs/wfhub/lost") == ""


def _die_at(patch: pytest.MonkeyPatch, point: int) -> None:
    run, write = Git.run, Path.write_text
    left = [point]

    def count() -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    async def dying_run(self: Git, where: Where, *args: str, **more: object) -> Output:
        count()
        return await run(self, where, *args, **more)  # type: ignore[arg-type]

    def dying_write(self: Path, text: str) -> int:
        count()
        return write(self, text)

    patch.setattr(Git, "run", dying_run)
    patch.setattr(Path, "write_text", dying_write)


async def test_a_half_written_checkout_is_finished(repos: Repos, tree: Worktree, mirror_git: MirrorGit) -> None:
    """As git leaves it when it is killed in the middle of writing files: no index, its lock, some files missing."""
    (tree.admin / "locked").write_text("Workflow Hub makes this worktree\n")
    (tree.admin / "index").rename(tree.admin / "index.lock")
    os.utime(tree.admin / "index.lock", (1, 1))
    (tree.path / "app.py").unlink()
    again = await reopen(repos, tree)
    assert (again.path / "app.py").exists()
    assert clean(again)
    assert mirror_git("for-each-ref", "refs/wfhub/lost") == ""


async def test_commits_on_no_branch_are_kept(repos: Repos, tree: Worktree, mirror_git: MirrorGit) -> None:
    theirs = Person(tree.path)
    theirs.git("checkout", "-q", "--detach")
    made = theirs.commit({"app.py": "off the branch\n"})
    assert (await reopen(repos, tree)).head == tree.head
    assert mirror_git("rev-parse", "refs/wfhub/lost/POC-1-1") == made


@pytest.mark.parametrize("damage", ["files", "admin", "dot_git", "index", "stolen_git", "head"])
async def test_damage_is_mended_and_work_kept(
    repos: Repos, tree: Worktree, mirror_git: MirrorGit, damage: str, tmp_path: Path
) -> None:
    (tree.path / "app.py").write_text("committed\n")
    made = await repos.commit_all(tree, "Work", TRAILERS)
    (tree.path / "app.py").write_text("not committed\n")
    (tree.path / "fresh.txt").write_text("fresh\n")
    match damage:
        case "files":
            shutil.rmtree(tree.path)
        case "admin":
            shutil.rmtree(tree.admin)
        case "dot_git":
            (tree.path / ".git").unlink()
        case "index":
            (tree.admin / "index").unlink()
        case "stolen_git":  # an agent replaced the link by a repository of its own
            (tree.path / ".git").unlink()
            Person(tree.path).git("init", "-q")
        case _:
            mirror_git("branch", "other", tree.head)
            (tree.admin / "HEAD").write_text("ref: refs/heads/other\n")
    again = await reopen(repos, tree)
    assert again.head == made
    assert (again.path / "app.py").read_text() == "committed\n"
    assert clean(again)
    if damage != "files":
        assert mirror_git("show", "refs/wfhub/lost/POC-1-1:app.py") == "not committed"
        assert mirror_git("show", "refs/wfhub/lost/POC-1-1:fresh.txt") == "fresh"


async def test_restore_goes_back_and_keeps_what_was_there(repos: Repos, tree: Worktree, mirror_git: MirrorGit) -> None:
    point = await repos.checkpoint(tree, "run-1")
    assert await repos.restore(tree, point, "run-1") is None
    (tree.path / "app.py").write_text("committed\n")
    made = await repos.commit_all(tree, "Work", TRAILERS)
    (tree.path / "README.md").unlink()
    (tree.path / "fresh.txt").write_text("fresh\n")
    (tree.path / ".gitignore").write_text("hidden.txt\ncache/\n")
    (tree.path / "hidden.txt").write_text("hidden\n")
    (tree.path / ".workflow").mkdir()
    (tree.path / ".workflow" / "notes").write_text("ours")

    lost = await repos.restore(tree, point, "run-1")

    assert lost is not None
    assert mirror_git("rev-parse", "wf/POC-1") == point
    assert (tree.path / "app.py").read_text() == "one\ntwo\nthree\n"
    assert (tree.path / "README.md").exists()
    assert not (tree.path / "fresh.txt").exists()
    assert not (tree.path / "hidden.txt").exists()
    assert (tree.path / ".workflow" / "notes").exists()
    refs = mirror_git("for-each-ref", "--format=%(refname)", "refs/wfhub/lost").split()
    assert refs == ["refs/wfhub/lost/run-1-1", "refs/wfhub/lost/run-1-2"]
    assert mirror_git("rev-parse", f"{refs[0]}^") == made
    assert mirror_git("show", f"{refs[0]}:fresh.txt") == "fresh"
    assert "README.md" not in mirror_git("ls-tree", "-r", "--name-only", refs[0])
    assert mirror_git("show", f"{refs[1]}:hidden.txt") == "hidden"
    assert await repos.restore(tree, point, "run-1") is None


async def test_restore_keeps_commits_and_repositories_within(
    repos: Repos, tree: Worktree, mirror_git: MirrorGit
) -> None:
    (tree.path / "app.py").write_text("committed\n")
    made = await repos.commit_all(tree, "Work", TRAILERS)
    lost = await repos.restore(tree, tree.head, "run-1")
    assert lost is not None
    assert mirror_git("rev-parse", lost) == made
    inner = Person(tree.path / "inner")
    inner.path.mkdir()
    inner.git("init", "-q")
    inner.commit({"deep/file": "precious\n"})
    lost = await repos.restore(tree, tree.head, "run-1")
    assert mirror_git("show", f"{lost}:inner/deep/file") == "precious"
    assert not inner.path.exists()


async def test_ignored_files_stay(repos: Repos, tree: Worktree) -> None:
    (tree.path / ".gitignore").write_text("cache/\n")
    made = await repos.commit_all(tree, "Ignore", TRAILERS)
    assert made is not None
    (tree.path / "cache").mkdir()
    (tree.path / "cache" / "slow").write_text("slow")
    (tree.path / "app.py").write_text("x")
    assert await repos.restore(tree, made, "run-1")
    assert (tree.path / "cache" / "slow").exists()


async def test_update_refuses_uncommitted_work(repos: Repos, person: Person, tree: Worktree) -> None:
    target = person.commit({"b.txt": "b"})
    await repos.fetch_target(1, person.path, "main")
    (tree.path / "app.py").write_text("x")
    with pytest.raises(WorktreeDirty) as caught:
        await repos.update_from_target(tree, target, TRAILERS)
    assert caught.value.data["files"] == ["app.py"]


def holding(code: str) -> "subprocess.Popen[bytes]":
    """A process that has said it holds something."""
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"held"
    return holder


def end(holder: "subprocess.Popen[bytes]") -> None:
    holder.kill()
    holder.communicate()


async def test_a_lock_left_by_a_killed_git_is_overcome(repos: Repos, tree: Worktree) -> None:
    lock = tree.admin / "index.lock"
    lock.touch()
    os.utime(lock, (1, 1))
    (tree.path / "app.py").write_text("x")
    assert await repos.commit_all(tree, "Work", TRAILERS)


async def test_a_lock_in_use_is_waited_for(repos: Repos, tree: Worktree) -> None:
    lock = tree.admin / "index.lock"
    holder = holding(f"f=open({str(lock)!r},'w');print('held',flush=True);input()")
    os.utime(lock, (1, 1))
    (tree.path / "app.py").write_text("x")
    work = asyncio.create_task(repos.commit_all(tree, "Work", TRAILERS))
    await asyncio.sleep(0.5)
    assert not work.done()
    assert lock.exists()
    end(holder)
    assert await work


async def test_two_processes_exclude_each_other(tmp_path: Path) -> None:
    file = str(tmp_path / "x.lock")
    holder = holding(f"import fcntl;f=open({file!r},'w');fcntl.flock(f,2);print('held',flush=True);input()")
    with pytest.raises(RepositoryBusy):
        async with Locks(tmp_path, patience=0.2).hold("x"):
            pass
    end(holder)
    async with Locks(tmp_path, patience=5).hold("x"):
        pass


async def test_many_at_once(repos: Repos, person: Person, home: Path) -> None:
    """Two hubs open eight tasks, each task twice, and commit."""
    await repos.ensure_mirror(1, person.path, "main")
    other = Repos(home, IDENTITY)
    opened = await asyncio.gather(
        *(hub.open_worktree(1, f"POC-{n}", f"wf/POC-{n}", person.head()) for n in range(8) for hub in (repos, other))
    )
    assert len({tree.path for tree in opened}) == 8
    for tree in opened:
        (tree.path / "app.py").write_text(tree.task_key)
    made = await asyncio.gather(*(repos.commit_all(tree, "Work", {"Task": tree.task_key}) for tree in opened))
    assert len(set(made)) == 8


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b", "a\nb", "x.lock", "HEAD", "a:b", "/a", "a/", "@{1}", "a//b"])
async def test_names_that_are_no_branches_are_refused(repos: Repos, tree: Worktree, name: str) -> None:
    with pytest.raises(InvalidInput):
        await repos.open_worktree(1, "POC-2", name, tree.head)
    with pytest.raises(InvalidInput):
        await repos.diff(1, name, tree.head)


@pytest.mark.parametrize("key", ["", "..", "../x", "a/b", "-x", "base-1", "a b"])
async def test_keys_that_are_no_folders_are_refused(repos: Repos, tree: Worktree, key: str) -> None:
    with pytest.raises(InvalidInput):
        await repos.open_worktree(1, key, "wf/x", tree.head)


async def test_an_unknown_base_is_said(repos: Repos, tree: Worktree) -> None:
    with pytest.raises(RevisionMissing):
        await repos.open_worktree(1, "POC-2", "wf/POC-2", "1" * 40)
