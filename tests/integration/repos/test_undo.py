"""A merge is taken back, once, and never over what the person has there; what goes is kept under a ref."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.repos.errors import MergeConflict, MergeWaits, NothingToUndo
from services.repos.repos import Repos
from services.repos.undo import Undoing
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person

WORDS = "Undo the merge of POC-1"


@pytest.fixture
async def merged(repos: Repos, person: Person, tree: Worktree) -> Undoing:
    """app.py changed and new.txt added by a task, merged; then the person goes on beside it."""
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    (tree.path / "new.txt").write_text("new\n")
    await repos.commit_all(tree, "Change", TRAILERS)
    made = await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, "run-m")
    person.commit({"README.md": "read me again\n"}, "Goes on")
    return Undoing(1, person.path, "main", made.commit, made.target_before)


async def test_a_merge_is_taken_back_once_and_can_be_brought_again(
    repos: Repos, person: Person, merged: Undoing, mirror_git: Callable[..., str]
) -> None:
    head = person.head()
    foreseen = await repos.foresee_undo(merged, WORDS)
    assert (foreseen.target, foreseen.waits, person.head()) == (head, None, head)
    change = await repos.diff(1, foreseen.target, foreseen.commit)
    assert [(one.path, one.status) for one in change.files] == [("app.py", "modified"), ("new.txt", "deleted")]

    done = await repos.undo_merge(merged, WORDS, TRAILERS, "u1", head)
    again = await repos.undo_merge(merged, WORDS, TRAILERS, "u1", head)
    assert (done.delivered, again.delivered, again.commit) == (True, False, done.commit)
    assert person.head() == done.commit and person.git("rev-parse", "main^") == head
    assert (person.path / "app.py").read_text() == "one\ntwo\nthree\n"
    assert not (person.path / "new.txt").exists()
    assert (person.path / "README.md").read_text() == "read me again\n"
    assert person.git("status", "--porcelain") == ""
    assert mirror_git("rev-parse", done.recovery_ref) == head
    with pytest.raises(NothingToUndo):
        await repos.undo_merge(merged, WORDS, TRAILERS, "u2")

    brought = await repos.bring_back(1, done.commit, done.commit, "Bring it back")
    assert {one.path for one in (await repos.diff(1, done.commit, brought)).files} == {"app.py", "new.txt"}


@pytest.mark.parametrize("squashed", [False, True])
async def test_a_later_change_on_top_is_a_conflict(
    repos: Repos, person: Person, merged: Undoing, squashed: bool
) -> None:
    """Also of a merge that left one commit with one parent."""
    if squashed:
        person.git("reset", "-q", "--hard", merged.before)
        person.git("merge", "-q", "--squash", merged.merged)
        person.git("commit", "-qm", "Squashed")
        merged = Undoing(1, person.path, "main", person.head(), merged.before)
        assert (await repos.foresee_undo(merged, WORDS)).waits is None
    person.commit({"app.py": "one\nTWO, and more\nthree\n"}, "On top")
    head = person.head()
    with pytest.raises(MergeConflict) as caught:
        await repos.undo_merge(merged, WORDS, TRAILERS, "u1")
    assert caught.value.data["files"] == ["app.py"] and caught.value.way_out
    assert person.head() == head


async def test_nothing_of_the_persons_is_touched(repos: Repos, person: Person, merged: Undoing) -> None:
    seen = person.head()
    (person.path / "app.py").write_text("mine\n")
    waits = (await repos.foresee_undo(merged, WORDS)).waits
    assert waits is not None and waits.data["reason"] == "dirty" and waits.data["files"] == ["app.py"]
    with pytest.raises(MergeWaits):
        await repos.undo_merge(merged, WORDS, TRAILERS, "u1")
    assert (person.path / "app.py").read_text() == "mine\n" and person.head() == seen
    person.git("checkout", "-q", "--", "app.py")
    person.commit({"other.txt": "x\n"}, "Meanwhile")
    with pytest.raises(MergeWaits) as caught:
        await repos.undo_merge(merged, WORDS, TRAILERS, "u1", seen)
    assert caught.value.data["reason"] == "moved"
    assert (await repos.undo_merge(merged, WORDS, TRAILERS, "u1", person.head())).delivered


SCRIPT = """
import asyncio, sys
from pathlib import Path
from services import points
from services.repos.repos import Repos
from services.repos.undo import Undoing
from tests.integration.repos.conftest import IDENTITY, TRAILERS
home, path, merged, before, folder = sys.argv[1:]
points.report_to(Path(folder))
merge = Undoing(1, Path(path), "main", merged, before)
asyncio.run(Repos(Path(home), IDENTITY).undo_merge(merge, "Undo", TRAILERS, "u1"))
"""


@pytest.mark.parametrize("point", ["merge.made", "merge.delivered"])
async def test_killed_in_the_middle_it_is_finished_by_the_next(
    repos: Repos, person: Person, merged: Undoing, home: Path, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "points"
    folder.mkdir()
    (folder / f"hold-{point}").touch()
    arguments = (str(home), str(person.path), merged.merged, merged.before, str(folder))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SCRIPT, *arguments)
    async with asyncio.timeout(90):
        while not list(folder.glob("held-*")):
            assert process.returncode is None
            await asyncio.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    done = await repos.undo_merge(merged, WORDS, TRAILERS, "u1")
    assert done.delivered is (point == "merge.made") and person.head() == done.commit
    assert person.git("rev-list", "--count", f"{merged.merged}..main") == "2"  # the person's own, and one undoing
    assert person.git("status", "--porcelain") == ""


async def test_what_is_kept_stays_for_its_time(
    repos: Repos, tree: Worktree, home: Path, mirror_git: Callable[..., str]
) -> None:
    (tree.path / "app.py").write_text("never merged\n")
    ref = await repos.keep_tip(1, "POC-1", tree.head, "rolled-back")
    await repos.drop_checkout(1, "POC-1")
    assert not tree.path.exists()
    found = {one.ref for one in await repos.recoverable(1, "POC-1")}
    assert found == {ref, "refs/wfhub/lost/POC-1-1"}
    assert not await repos.recoverable(1, "POC-10")
    assert mirror_git("show", "refs/wfhub/lost/POC-1-1:app.py") == "never merged"
    old = time.time() - 31 * 86_400
    for name in found:
        os.utime(home / "repos" / "1.git" / name, (old, old))
    assert await repos.sweep_kept(1, 30 * 86_400, {"POC-1"}) == 0
    await repos.keep_tip(1, "POC-1", tree.head, "rolled-back")  # kept again: from now on
    assert await repos.sweep_kept(1, 30 * 86_400) == 1
    assert {one.ref for one in await repos.recoverable(1, "POC-1")} == {ref}
