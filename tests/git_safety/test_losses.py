"""The ways in which tools like this one have lost people's work, tried on this one."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.domain.states import WaitingReason
from services.repos.errors import NotMerged
from services.repos.methods import METHODS, MergeMethod
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from services.tasks.errors import NothingToMerge
from services.workflows import merging
from services.workflows.ending import WAITS
from tests.git_safety.conftest import merge, start
from tests.integration.repos.conftest import TRAILERS, Person


@pytest.mark.parametrize("method", METHODS)
async def test_a_branch_goes_only_when_its_work_has_arrived(
    repos: Repos, person: Person, method: MergeMethod, mirror_git: Callable[..., str]
) -> None:
    tree = await start(repos, person)
    (tree.path / "new.txt").write_text("new\n")
    tip = await repos.commit_all(tree, "Work", TRAILERS)
    person.commit({"README.md": "the person goes on\n"})
    with pytest.raises(NotMerged):
        await repos.remove_worktree(1, tree.task_key, tree.branch)
    assert mirror_git("rev-parse", tree.branch) == tip and tree.path.exists()
    merged = await merge(repos, person, tree, method=method)
    person.git("reset", "-q", "--hard", merged.target_before)  # they take it back by hand before it is swept
    await repos.fetch_target(1, person.path, "main")
    with pytest.raises(NotMerged):
        await repos.remove_worktree(1, tree.task_key, tree.branch, merged.commit)
    person.git("reset", "-q", "--hard", merged.commit)
    await repos.fetch_target(1, person.path, "main")
    await repos.remove_worktree(1, tree.task_key, tree.branch, merged.commit)
    assert not tree.path.exists()
    assert mirror_git("for-each-ref", f"--contains={tip}"), "and its commits are still there to go back to"


def at_merging(monkeypatch: pytest.MonkeyPatch, repos: Repos, person: Person, tree: Worktree) -> tuple[object, ...]:
    """What the merging step is given for the task of this worktree; its change is approved."""

    async def approved(*_: object) -> None:
        return None

    monkeypatch.setattr(merging, "bench", lambda: SimpleNamespace(repos=repos))
    monkeypatch.setattr(merging, "_check_approved", approved)
    task = SimpleNamespace(key="POC-1", title="Work", branch=tree.branch, base_sha=tree.head, branch_number=1)
    run = SimpleNamespace(id="run-m", project_id=1)
    path = str(person.path)
    return run, task, SimpleNamespace(id=1, workspace_path=path, default_branch="main", merge_method="squash")


async def test_merged_means_that_a_commit_arrived(
    repos: Repos, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await start(repos, person)
    given = at_merging(monkeypatch, repos, person, tree)
    with pytest.raises(NothingToMerge, match="no commit of its own"):
        await merging._merge_once(*given)  # type: ignore[arg-type]
    assert WAITS[NothingToMerge.code] is WaitingReason.EVIDENCE, "the task comes to the person"
    (tree.path / "new.txt").write_text("new\n")
    assert await repos.commit_all(tree, "Work", TRAILERS)
    merged = await merging._merge_once(*given)  # type: ignore[arg-type]
    assert merged.delivered and person.head() == merged.commit
    again = await merging._merge_once(*given)  # type: ignore[arg-type]
    assert (again.commit, again.delivered) == (merged.commit, False)
    given[0].id = "another-run"  # type: ignore[attr-defined]
    person.commit({"README.md": "they went on\n"})
    other = await merging._merge_once(*given)  # type: ignore[arg-type]
    assert other.commit == merged.commit, "a squashed branch is not merged again by another run"


async def test_what_a_discarded_card_leaves_is_kept(
    repos: Repos, person: Person, mirror_git: Callable[..., str]
) -> None:
    """Its agent may have written until the very end; the card's branch and what was not committed stay."""
    tree = await start(repos, person)
    (tree.path / "done.txt").write_text("committed\n")
    tip = await repos.commit_all(tree, "Work", TRAILERS)
    (tree.path / "half.txt").write_text("half an edit\n")
    await repos.drop_checkout(1, tree.task_key)
    assert not tree.path.exists()
    assert mirror_git("rev-parse", tree.branch) == tip
    assert mirror_git("show", "refs/wfhub/lost/POC-1-1:half.txt") == "half an edit"
    again = await repos.open_worktree(1, tree.task_key, tree.branch, tree.head)
    assert (Path(again.path) / "done.txt").exists(), "and the card can be taken up again"


async def test_a_target_branch_that_was_deleted_is_told(repos: Repos, person: Person) -> None:
    tree = await start(repos, person)
    (tree.path / "new.txt").write_text("new\n")
    assert await repos.commit_all(tree, "Work", TRAILERS)
    person.git("switch", "-qc", "elsewhere")
    person.git("branch", "-qD", "main")
    with pytest.raises(Exception, match="has no branch main") as caught:
        await merge(repos, person, tree)
    assert getattr(caught.value, "way_out", "")
    assert person.git("for-each-ref", "--format=%(refname)") == "refs/heads/elsewhere"
