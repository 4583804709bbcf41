"""Merges by each method, what an approval is of, and what becomes of a branch that conflicts."""

from pathlib import Path

import pytest

from services.repos.methods import METHODS, MergeMethod
from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.git_safety.conftest import merge, start
from tests.integration.repos.conftest import IDENTITY, TRAILERS, Person


async def commit(repos: Repos, tree: Worktree, files: dict[str, str | None], message: str = "Work") -> str:
    """Files by name; None deletes."""
    for name, text in files.items():
        path = tree.path / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    made = await repos.commit_all(tree, message, TRAILERS)
    assert made is not None
    return made


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("moved", [False, True])
async def test_each_method_ends_with_the_same_files(
    repos: Repos, person: Person, home: Path, method: MergeMethod, moved: bool
) -> None:
    tree = await start(repos, person)
    await commit(repos, tree, {"app.py": "one\nTWO\nthree\n"}, "Shout")
    tip = await commit(repos, tree, {"new.txt": "new\n"}, "Add a file")
    if moved:
        person.commit({"README.md": "another word\n"})
        target = await repos.target(1, person.path, "main")
        tip = (await repos.update_from_target(tree, target, TRAILERS)).head
    before = person.head()
    merged = await merge(repos, person, tree, method=method)
    assert (merged.delivered, merged.target_before) == (True, before)
    assert person.git("rev-parse", "main^{tree}") == person.git("rev-parse", f"{merged.commit}^{{tree}}")
    assert (person.path / "app.py").read_text() == "one\nTWO\nthree\n"
    since = person.git("log", "--first-parent", "--reverse", "--format=%s", f"{before}..main").splitlines()
    line = {"merge": ["Merge POC-1"], "squash": ["Merge POC-1"], "rebase": ["Shout", "Add a file"]}
    assert since == line[method]
    assert len(person.merges()) == (method == "merge") * (1 + moved), "squash and rebase leave a line"
    assert person.git("log", "-1", "--format=%(trailers:key=Task,valueonly)") == "POC-1"
    mirror = Person(repos.depot.mirror(1))
    refs = mirror.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/wfhub").splitlines()
    assert {f"refs/wfhub/heads/run-m {tip}", f"refs/wfhub/recovery/run-m {before}"} <= set(refs)
    again = await merge(Repos(home, IDENTITY), person, tree, method=method)
    assert (again.delivered, again.commit, again.target_before) == (False, merged.commit, before)
    other = await repos.merged_by_another(1, tip, merged.commit)
    assert other is not None and other.commit == merged.commit


async def test_commits_that_do_not_apply_one_by_one_become_one(repos: Repos, person: Person) -> None:
    tree = await start(repos, person)
    await commit(repos, tree, {"app.py": "one\nTWO\nthree\n", "new.txt": "new\n"}, "There")
    await commit(repos, tree, {"app.py": "one\ntwo\nthree\n"}, "And back")
    before = person.commit({"app.py": "one\n2\nthree\n"})
    merged = await merge(repos, person, tree, method="rebase")
    assert person.git("rev-list", "--parents", "-1", "main").split()[1:] == [before]
    assert person.git("show", f"{merged.commit}:app.py") == "one\n2\nthree"
    assert (person.path / "new.txt").exists()


async def test_authors_dates_and_messages_are_kept_by_a_rebase(repos: Repos, person: Person) -> None:
    tree = await start(repos, person)
    theirs = Person(tree.path)
    (tree.path / "new.txt").write_text("new\n")
    theirs.git("add", "new.txt")
    theirs.git("commit", "-qm", "Über\n\nA body.\n\nTask: POC-1", "--date=2020-02-02T02:02:02+02:00")
    person.commit({"README.md": "moved\n"})
    await merge(repos, person, tree, method="rebase")
    form = "--format=%an <%ae>|%aI|%cn|%B"
    assert person.git("log", "-1", form) == (
        "Ada <ada@example.org>|2020-02-02T02:02:02+02:00|Workflow Hub|Über\n\nA body.\n\nTask: POC-1"
    )


async def test_an_approval_does_not_outlive_an_indentation(repos: Repos, person: Person) -> None:
    """`patch-id --stable`, which is what one would take, leaves white space out."""
    python = "if admin:\n    log()\n    delete_all()\n"
    person.commit({"app.py": "if admin:\n    log()\n"})
    tree = await start(repos, person)
    approved = await commit(repos, tree, {"app.py": python})
    outside = await commit(repos, tree, {"app.py": python.replace("    delete", "delete")})
    mirror = Person(repos.depot.mirror(1))

    def stable(head: str) -> str:
        mirror.git(
            "config", "alias.pid", f"!git diff-tree -r -p --full-index {tree.head} {head} | git patch-id --stable"
        )
        return mirror.git("pid").split()[0]

    assert stable(approved) == stable(outside)
    assert await repos.patch_id(1, tree.head, approved) != await repos.patch_id(1, tree.head, outside)


async def test_a_conflict_keeps_the_rest_of_the_work(repos: Repos, person: Person) -> None:
    person.commit({"gone.txt": "x\n", "mode.txt": "a\nb\nc\n"})
    tree = await start(repos, person)
    tip = await commit(
        repos, tree,
        {"app.py": "one\nTWO\nthree\n", "kept/new.txt": "new\n", "gone.txt": None, "README.md": None, "pic": "\0a"},
    )  # fmt: skip
    target = person.commit({"app.py": "one\n2\nthree\n", "README.md": "mine\n", "mode.txt": "A\nb\nc\n", "pic": "\0b"})
    await repos.target(1, person.path, "main")
    found = {one.path: one for one in await repos.conflicts(1, tree.branch, target)}
    assert set(found) == {"app.py", "README.md", "pic"}
    (hunk,) = found["app.py"].hunks
    assert (hunk.line, hunk.target, hunk.branch) == (2, "2", "TWO")
    assert (found["README.md"].target, found["README.md"].branch) == ("mine\n", None)
    assert found["pic"].binary

    commits = {await repos.carry_over(1, tree.branch, "wfhub/POC-1-2", target, TRAILERS) for _ in range(2)}
    carried = await repos.head(1, "wfhub/POC-1-2")
    assert carried in commits and None not in commits
    assert not await repos.is_behind(1, carried, target)
    assert await repos.contains(1, carried, tip), "nothing that was done becomes unreachable"
    assert await repos.head(1, tree.branch) == tip
    assert set(await repos.changed_files(1, target, carried)) == {"kept/new.txt", "gone.txt"}
    assert (await repos.dry_merge(1, carried, target)).clean
    tree = await repos.open_worktree(1, "POC-1", "wfhub/POC-1-2", target)
    assert (tree.path / "app.py").read_text() == "one\n2\nthree\n"
    assert (tree.path / "kept" / "new.txt").exists()


async def test_where_a_file_stands_against_a_folder_the_work_begins_anew(repos: Repos, person: Person) -> None:
    """git would put the target's file aside under another name: the target's work would be gone from the branch."""
    tree = await start(repos, person)
    await commit(repos, tree, {"x/inner.txt": "mine\n"})
    target = person.commit({"x": "a file\n"})
    await repos.target(1, person.path, "main")
    assert await repos.conflicts(1, tree.branch, target)
    assert await repos.carry_over(1, tree.branch, "wfhub/POC-1-2", target, TRAILERS) is None
    mirror = Person(repos.depot.mirror(1))
    assert mirror.git("for-each-ref", "refs/heads/wfhub/POC-1-2") == ""
