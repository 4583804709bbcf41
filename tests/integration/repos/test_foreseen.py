"""A merge made ready while a person is asked: it is the one that comes, or it leaves no trace."""

import pytest

from services.repos.errors import MergeConflict, MergeWaits
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person
from tests.integration.repos.test_merge import merge, snapshot


async def foresee(repos: Repos, person: Person) -> str | None:
    return await repos.foresee(1, person.path, "wf/POC-1", "main", "Merge POC-1", TRAILERS)


@pytest.fixture
async def change(repos: Repos, tree: Worktree) -> str:
    (tree.path / "new.txt").write_text("new\n")
    made = await repos.commit_all(tree, "Change", TRAILERS)
    assert made is not None
    return made


async def test_it_shows_nowhere_and_is_what_is_merged(repos: Repos, person: Person, change: str) -> None:
    before = snapshot(person)
    ready = await foresee(repos, person)
    assert ready is not None
    assert snapshot(person) == before
    started = repos.depot.git.spawned
    merged = await merge(repos, person)
    assert merged.commit == ready == person.head()
    assert merged.delivered
    assert person.git("rev-parse", "main^1", "main^2").split() == [merged.target_before, change]
    assert (person.path / "new.txt").read_text() == "new\n"
    quick = repos.depot.git.spawned - started
    assert quick <= 6, f"{quick} processes"


async def test_what_the_persons_git_swept_meanwhile_is_brought_again(repos: Repos, person: Person, change: str) -> None:
    ready = await foresee(repos, person)
    assert ready is not None
    person.git("gc", "--quiet", "--prune=now")
    assert person.git("cat-file", "-t", ready, check=False) == ""
    assert (await merge(repos, person)).commit == ready == person.head()
    person.git("fsck", "--strict")


async def test_a_target_that_moved_gets_a_merge_of_its_own(repos: Repos, person: Person, change: str) -> None:
    ready = await foresee(repos, person)
    mine = person.commit({"mine.txt": "mine\n"})
    merged = await merge(repos, person)
    assert merged.commit != ready
    assert person.git("rev-parse", "main^1", "main^2").split() == [mine, change]
    assert await foresee(repos, person) is None, "there is nothing left to merge"


async def test_a_conflict_is_foreseen_too(repos: Repos, person: Person, tree: Worktree) -> None:
    (tree.path / "app.py").write_text("theirs\n")
    assert await repos.commit_all(tree, "Change", TRAILERS)
    person.commit({"app.py": "mine\n"})
    await repos.target(1, person.path, "main")
    assert await foresee(repos, person) is None, "a branch behind the target is brought up to it first"
    with pytest.raises(MergeConflict):
        await merge(repos, person)


async def test_a_person_who_stands_on_another_branch_of_the_same_commit_keeps_it(
    repos: Repos, person: Person, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They switch between the hub's look at the checkouts and its merge."""
    run = repos.depot.git.run

    async def switching(where: object, *args: str, **options: object) -> object:
        answer = await run(where, *args, **options)  # type: ignore[arg-type]
        if args[:2] == ("worktree", "list"):
            person.git("switch", "-qc", "mine")
        return answer

    monkeypatch.setattr(repos.depot.git, "run", switching)
    before = person.head()
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person)
    assert caught.value.data["reason"] == "moved"
    assert person.head("mine") == person.head() == before
