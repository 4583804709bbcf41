"""What the person does between the hub's look at their checkout and its merge there is theirs all the same."""

from collections.abc import Callable

import pytest

from services.repos.errors import MergeWaits
from services.repos.git import Git, Where
from services.repos.merge import Merged
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person


async def merge(repos: Repos, person: Person) -> Merged:
    return await repos.merge(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS, "run-m")


def before_the_merge(patch: pytest.MonkeyPatch, person: Person, act: Callable[[], object]) -> None:
    """Does `act` when all has been looked at, and git is about to merge in the person's checkout."""
    real = Git.run

    async def run(self: Git, where: Where, *args: str, **more: object) -> object:
        if args[0] == "merge" and where.folder == person.path:
            act()
        return await real(self, where, *args, **more)  # type: ignore[arg-type]

    patch.setattr(Git, "run", run)


@pytest.mark.parametrize("staged", [False, True])
async def test_an_edit_saved_at_that_moment_stays(
    repos: Repos, person: Person, tree: Worktree, monkeypatch: pytest.MonkeyPatch, staged: bool
) -> None:
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    (tree.path / "new.txt").write_text("new\n")
    await repos.commit_all(tree, "Change", TRAILERS)

    def save() -> None:
        (person.path / "app.py").write_text("the person's own\n")
        if staged:
            person.git("add", "app.py")

    with monkeypatch.context() as patch:
        before_the_merge(patch, person, save)
        with pytest.raises(MergeWaits) as caught:
            await merge(repos, person)
    assert (caught.value.data["reason"], caught.value.data["files"]) == ("dirty", ["app.py"])
    assert (person.path / "app.py").read_text() == "the person's own\n"
    assert person.git("status", "--porcelain").split() == ["M", "app.py"]
    person.git("checkout", "-q", "HEAD", "--", "app.py")
    assert (await merge(repos, person)).delivered


async def test_an_edit_saved_while_their_own_git_is_at_work_stays(
    repos: Repos, person: Person, tree: Worktree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `git stash pop` does: it locks the index, and writes files."""
    monkeypatch.setattr("services.repos.git.LOCK_PATIENCE_SECONDS", 0.2)
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    await repos.commit_all(tree, "Change", TRAILERS)

    def pop() -> None:
        (person.path / ".git" / "index.lock").touch()
        (person.path / "app.py").write_text("the person's own\n")

    before_the_merge(monkeypatch, person, pop)
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person)
    assert caught.value.data["reason"] == "locked"
    assert (person.path / "app.py").read_text() == "the person's own\n"


@pytest.mark.parametrize("ignored", [False, True])
async def test_a_file_made_at_that_moment_where_a_new_one_goes_stays(
    repos: Repos, person: Person, tree: Worktree, monkeypatch: pytest.MonkeyPatch, ignored: bool
) -> None:
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    (tree.path / "new.txt").write_text("new\n")
    await repos.commit_all(tree, "Change", TRAILERS)
    if ignored:
        (person.path / ".git" / "info" / "exclude").write_text("new.txt\n")
    with monkeypatch.context() as patch:
        before_the_merge(patch, person, lambda: (person.path / "new.txt").write_text("the person's own\n"))
        with pytest.raises(MergeWaits) as caught:
            await merge(repos, person)
    assert (caught.value.data["reason"], caught.value.data["files"]) == ("untracked", ["new.txt"])
    assert (person.path / "new.txt").read_text() == "the person's own\n"
    assert (person.path / "app.py").read_text() == "one\ntwo\nthree\n"


@pytest.mark.parametrize("to", ["file", "folder"])
async def test_a_folder_and_a_file_may_change_places(repos: Repos, person: Person, to: str) -> None:
    files = {"place/one.txt": "1\n", "place/two.txt": "2\n"} if to == "file" else {"place": "1\n"}
    start = person.commit(files)
    await repos.ensure_mirror(1, person.path, "main")
    tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", start)
    for name in files:
        (tree.path / name).unlink()
    if to == "file":
        (tree.path / "place").rmdir()
        (tree.path / "place").write_text("a file now\n")
    else:
        (tree.path / "place").mkdir()
        (tree.path / "place" / "one.txt").write_text("a folder now\n")
    await repos.commit_all(tree, "Change places", TRAILERS)
    assert (await merge(repos, person)).delivered
    assert (person.path / "place").is_file() == (to == "file")
    assert person.git("status", "--porcelain") == ""


@pytest.mark.parametrize("ignored", [False, True])
async def test_a_folder_with_files_of_the_persons_is_not_replaced(repos: Repos, person: Person, ignored: bool) -> None:
    start = person.commit({"place/one.txt": "1\n"})
    await repos.ensure_mirror(1, person.path, "main")
    tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", start)
    (tree.path / "place" / "one.txt").unlink()
    (tree.path / "place").rmdir()
    (tree.path / "place").write_text("a file now\n")
    await repos.commit_all(tree, "Change places", TRAILERS)
    (person.path / "place" / "mine.txt").write_text("mine\n")
    if ignored:
        (person.path / ".git" / "info" / "exclude").write_text("mine.txt\n")
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person)
    assert (caught.value.data["reason"], caught.value.data["files"]) == ("untracked", ["place/mine.txt"])
    assert (person.path / "place" / "mine.txt").read_text() == "mine\n"
    assert person.head() == start


async def test_a_link_to_a_folder_becomes_a_folder(repos: Repos, person: Person) -> None:
    (person.path / "link").symlink_to("real")
    start = person.commit({"real/one.txt": "1\n"})
    await repos.ensure_mirror(1, person.path, "main")
    tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", start)
    (tree.path / "link").unlink()
    (tree.path / "link").mkdir()
    (tree.path / "link" / "one.txt").write_text("its own\n")
    await repos.commit_all(tree, "A folder of its own", TRAILERS)
    assert (await merge(repos, person)).delivered
    assert (person.path / "real" / "one.txt").read_text() == "1\n"
