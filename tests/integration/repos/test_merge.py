"""The person's repository takes an approved branch once, and nothing of theirs is ever overwritten."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from services.repos.errors import MergeConflict, MergeWaits, NotMerged, RepositoryDiskFull
from services.repos.git import Git, Output, Where
from services.repos.merge import Merged
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import IDENTITY, TRAILERS, Person


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.fixture
async def change(repos: Repos, tree: Worktree) -> str:
    """A commit on the task's branch: app.py changed, new.txt added."""
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    (tree.path / "new.txt").write_text("new\n")
    made = await repos.commit_all(tree, "Change", TRAILERS)
    assert made is not None
    return made


async def merge(repos: Repos, person: Person, run: str = "run-m", expected: str | None = None) -> Merged:
    return await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, run, expected)


def snapshot(person: Person) -> tuple[str, str, str, dict[str, bytes]]:
    """Everything of the person's that a refused merge must leave alone."""
    files = {p.name: p.read_bytes() for p in person.path.iterdir() if p.is_file()}
    return person.git("for-each-ref"), person.git("status", "--porcelain"), person.git("stash", "list"), files


async def refused(repos: Repos, person: Person, reason: str, expected: str | None = None) -> list[str]:
    before = snapshot(person)
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person, expected=expected)
    assert caught.value.data["reason"] == reason
    assert caught.value.way_out
    assert reason != "locked" or ".lock. When no git process runs there, delete that file" in str(caught.value)
    assert snapshot(person) == before
    return caught.value.data["files"]


@pytest.mark.parametrize("staged", [False, True])
async def test_uncommitted_changes_make_it_wait(repos: Repos, person: Person, change: str, staged: bool) -> None:
    (person.path / "README.md").write_text("mine\n")
    if staged:
        person.git("add", "README.md")
    assert await refused(repos, person, "dirty") == ["README.md"]
    person.git("checkout", "-q", "HEAD", "--", "README.md")
    assert (await merge(repos, person)).delivered
    assert len(person.merges()) == 1


@pytest.mark.parametrize("ignored", [False, True])
async def test_files_in_the_way_make_it_wait(repos: Repos, person: Person, change: str, ignored: bool) -> None:
    (person.path / "new.txt").write_text("the person's own\n")
    if ignored:
        (person.path / ".git" / "info" / "exclude").write_text("new.txt\n")
    assert await refused(repos, person, "untracked") == ["new.txt"]
    assert (person.path / "new.txt").read_text() == "the person's own\n"


async def test_other_untracked_files_stay(repos: Repos, person: Person, change: str) -> None:
    (person.path / "notes.txt").write_text("mine\n")
    assert (await merge(repos, person)).delivered
    assert (person.path / "notes.txt").read_text() == "mine\n"


async def test_a_target_that_moved_is_merged_or_waits_as_asked(repos: Repos, person: Person, change: str) -> None:
    approved = person.head()
    moved = person.commit({"other.txt": "x\n"})
    await refused(repos, person, "moved", expected=approved)
    merged = await merge(repos, person, expected=moved)
    assert merged.target_before == moved
    assert (person.path / "other.txt").exists()
    assert person.git("rev-list", "--parents", "-1", "main").split()[1:] == [moved, change]


@pytest.mark.parametrize("checked_out", [True, False])
async def test_a_target_that_moves_meanwhile_makes_it_wait(
    repos: Repos, person: Person, change: str, monkeypatch: pytest.MonkeyPatch, checked_out: bool
) -> None:
    """Between the look at the person's branch and its move, they commit."""
    if not checked_out:
        person.git("checkout", "-q", "--detach")
    real = Git.run

    async def run(self: Git, where: Where, *args: str, **more: object) -> Output:
        if args[0] in ("merge", "update-ref") and where.folder == person.path:
            monkeypatch.setattr(Git, "run", real)
            theirs = person.git("commit-tree", "-p", "main", "-m", "meanwhile", "main^{tree}")
            person.git("update-ref", "refs/heads/main", theirs)
        return await real(self, where, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", run)
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person)
    assert caught.value.data["reason"] == "moved"
    assert person.git("log", "-1", "--format=%s", "main") == "meanwhile"
    merged = await merge(repos, person)
    assert merged.delivered
    assert person.merges() == [merged.commit]


async def test_a_branch_that_is_not_checked_out_is_moved(repos: Repos, person: Person, change: str) -> None:
    person.git("checkout", "-q", "-b", "elsewhere")
    (person.path / "README.md").write_text("mine\n")
    merged = await merge(repos, person)
    assert merged.delivered
    assert person.head() == merged.commit
    assert person.git("status", "--porcelain") == "M README.md"
    assert person.head("elsewhere") == merged.target_before


async def test_a_branch_checked_out_in_another_worktree(repos: Repos, person: Person, change: str) -> None:
    person.git("checkout", "-q", "-b", "elsewhere")
    other = Person(person.path.parent / "other tree")
    person.git("worktree", "add", "-q", str(other.path), "main")
    (other.path / "README.md").write_text("mine\n")
    assert await refused(repos, person, "dirty") == ["README.md"]
    other.git("checkout", "-q", "--", ".")
    assert (await merge(repos, person)).delivered
    assert (other.path / "new.txt").exists()
    assert other.git("status", "--porcelain") == ""


async def test_a_rebase_under_way_makes_it_wait(repos: Repos, person: Person, change: str) -> None:
    person.commit({"a.txt": "a\n"})
    person.git("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-q", "-i", "HEAD~1")
    await refused(repos, person, "busy")
    person.git("rebase", "--abort")
    assert (await merge(repos, person)).delivered


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/main.lock", "HEAD.lock"])
async def test_a_lock_in_the_persons_repository_makes_it_wait(
    repos: Repos, person: Person, change: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("services.repos.git.LOCK_PATIENCE_SECONDS", 0.2)
    lock = person.path / ".git" / name
    lock.touch()
    await refused(repos, person, "locked")
    assert lock.exists(), "a lock of the person's repository is theirs to remove"
    lock.unlink()
    assert (await merge(repos, person)).delivered


@pytest.mark.parametrize("broken", ["the branch", "the files"])
async def test_a_merge_that_breaks_off_leaves_the_files_as_they_were(
    repos: Repos, person: Person, change: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """git writes the files before it moves the branch, and leaves them where it can't. Shown without `put_back`."""
    run = Git._spawn
    git_dir = person.path / ".git"

    async def stopped(self: Git, where: Where, args: tuple[str, ...], *more: Any) -> Output:
        if args[0] != "merge":
            return await run(self, where, args, *more)
        if broken == "the branch":  # locked at the very moment when it is moved
            (git_dir / "refs" / "heads" / "main.lock").touch()
            done = await run(self, where, args, *more)
            (git_dir / "refs" / "heads" / "main.lock").unlink()
            return done
        (person.path / "app.py").write_text("one\nTW")  # as a disk that was full half way
        (person.path / "new.txt").write_text("")
        return Output(128, b"", "error: unable to write file app.py: No space left on device")

    monkeypatch.setattr("services.repos.git.LOCK_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(Git, "_spawn", stopped)
    with monkeypatch.context() as without:
        without.setattr("services.repos.deliver.put_back", AsyncMock())
        with pytest.raises((MergeWaits, RepositoryDiskFull)):
            await merge(repos, person)
        assert person.git("status", "--porcelain") != ""
        person.git("reset", "-q", "--hard")
        person.git("clean", "-q", "-f")
    with pytest.raises((MergeWaits, RepositoryDiskFull)):
        await merge(repos, person)
    assert person.git("status", "--porcelain") == ""
    monkeypatch.setattr(Git, "_spawn", run)
    assert (await merge(repos, person)).delivered


async def test_conflicts_are_named_and_nothing_moves(repos: Repos, person: Person, tree: Worktree, change: str) -> None:
    target = person.commit({"app.py": "one\n2\nthree\n"})
    await repos.fetch_target(1, person.path, "main")
    dry = await repos.dry_merge(1, "wf/POC-1", target)
    assert (dry.clean, dry.conflicts) == (False, ("app.py",))
    with pytest.raises(MergeConflict) as caught:
        await merge(repos, person)
    assert caught.value.data["files"] == ["app.py"]
    assert person.head() == target
    updated = await repos.update_from_target(tree, target, TRAILERS)
    assert (updated.clean, updated.conflicts, updated.head) == (False, ("app.py",), change)
    assert (tree.path / "app.py").read_text() == "one\nTWO\nthree\n"
    with pytest.raises(NotMerged):
        await repos.remove_worktree(1, "POC-1", "wf/POC-1")
    assert tree.path.exists()


async def test_a_branch_without_work_merges_to_nothing(repos: Repos, person: Person, tree: Worktree) -> None:
    merged = await merge(repos, person)
    assert (merged.delivered, merged.commit) == (False, person.head())
    assert person.merges() == []


async def test_killed_at_every_point_there_is_one_merge(
    repos: Repos, person: Person, change: str, home: Path, mirror_git: Callable[..., str]
) -> None:
    """Die before the first git call of the merge and after each; a new hub then does it again."""
    start = person.head()
    step = 0
    for step in range(100):
        with pytest.MonkeyPatch.context() as patch:
            die_after(patch, step)
            try:
                whole = await merge(Repos(home, IDENTITY), person, f"run-{step}")
            except Killed:
                whole = None
        again = await merge(repos, person, f"run-{step}")
        assert person.merges() == [again.commit], f"killed at call {step}"
        assert person.head() == again.commit
        assert person.git("status", "--porcelain") == ""
        assert mirror_git("rev-parse", again.recovery_ref) == start == again.target_before
        assert (await merge(repos, person, f"run-{step}")).commit == again.commit
        if whole is not None:
            assert not again.delivered
            break
        person.git("reset", "-q", "--hard", start)
    assert step > 10


def die_after(patch: pytest.MonkeyPatch, step: int) -> None:
    real, calls = Git.run, [0]

    async def run(self: Git, where: Where, *args: str, **more: object) -> Output:
        if calls[0] == step:
            raise Killed
        calls[0] += 1
        output = await real(self, where, *args, **more)  # type: ignore[arg-type]
        if calls[0] == step:
            raise Killed
        return output

    patch.setattr(Git, "run", run)
