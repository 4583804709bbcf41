"""Programs that a repository's configuration names: plain git starts them, the hub does not."""

from pathlib import Path

import pytest

from services.repos.repos import Repos
from services.repos.worktree import Worktree
from tests.integration.repos.conftest import TRAILERS, Person

HOOKS = (
    "pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "post-checkout", "post-merge", "pre-merge-commit",
    "reference-transaction", "post-index-change", "post-rewrite", "pre-auto-gc",
)  # fmt: skip


class Trap:
    """A program that writes its name to a file when it is started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sprung_file = folder / "sprung"
        folder.mkdir()

    def program(self, name: str) -> str:
        file = self.folder / name
        file.write_text(f"#!/bin/sh\necho {name} >> '{self.sprung_file}'\ncat\n")
        file.chmod(0o755)
        return str(file)

    def sprung(self) -> set[str]:
        names = set(self.sprung_file.read_text().split()) if self.sprung_file.exists() else set[str]()
        self.sprung_file.unlink(missing_ok=True)
        return names

    def set_in(self, person: Person) -> None:
        """Name it everywhere in the configuration of the repository that `person.path` belongs to."""
        for hook in HOOKS:
            self.program(hook)
        for key, name in {
            "core.fsmonitor": "fsmonitor",
            "filter.trap.clean": "clean",
            "filter.trap.smudge": "smudge",
            "merge.trap.driver": "driver",
            "diff.trap.textconv": "textconv",
            "diff.external": "external",
            "gpg.program": "gpg",
        }.items():
            person.git("config", key, self.program(name))
        person.git("config", "core.hooksPath", str(self.folder))
        person.git("config", "filter.trap.required", "true")


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "trap")


async def test_nothing_of_the_repositories_configuration_runs(
    repos: Repos, person: Person, tree: Worktree, trap: Trap
) -> None:
    person.commit({".gitattributes": "*.py filter=trap diff=trap merge=trap\n"})
    target = await repos.fetch_target(1, person.path, "main")
    assert (await repos.update_from_target(tree, target, {"Task": "POC-1"})).clean
    trap.set_in(person)
    trap.set_in(Person(tree.path))  # the mirror's configuration, reached from the worktree
    trap.sprung()

    point = await repos.checkpoint(tree, "run-1")
    (tree.path / "app.py").write_text("lost\n")
    assert await repos.restore(tree, point, "run-1")
    (tree.path / "app.py").write_text("one\nTWO\nthree\n")
    head = await repos.commit_all(tree, "Change", TRAILERS)
    assert head is not None
    assert (await repos.diff(1, point, head)).files[0].added == 1
    await repos.patch_id(1, point, head)
    target = person.commit({"other.txt": "x\n"})
    trap.sprung()
    await repos.prepare_workspace(person.path, "main")
    await repos.fetch_target(1, person.path, "main")
    assert (await repos.update_from_target(tree, target, TRAILERS)).clean
    await repos.base_worktree(1, target)
    await repos.open_worktree(1, "POC-2", "wf/POC-2", target)
    (person.path / "app.py").touch()
    assert (await repos.merge(1, person.path, "wf/POC-1", "main", "Merge", TRAILERS, "run-2")).delivered
    await repos.remove_worktree(1, "POC-1", "wf/POC-1")

    assert trap.sprung() == set()


async def test_plain_git_starts_them(repos: Repos, person: Person, tree: Worktree, trap: Trap) -> None:
    """The same traps, the same places, no protection."""
    person.commit({".gitattributes": "*.py filter=trap diff=trap\n"})
    trap.set_in(person)
    (person.path / "app.py").write_text("changed\n")
    person.git("diff", check=False)
    person.git("commit", "-qam", "Change")
    person.git("checkout", "-q", "-f", "HEAD~1")
    assert {"fsmonitor", "clean", "smudge", "external", "pre-commit", "post-checkout"} <= trap.sprung()

    trap.set_in(Person(tree.path))
    info = repos.depot.mirror(1) / "info" / "attributes"
    info.write_text("*.py filter=trap\n")
    agent = Person(tree.path)
    (tree.path / "app.py").write_text("changed\n")
    agent.git("commit", "-qam", "Change")
    assert {"fsmonitor", "clean", "pre-commit"} <= trap.sprung()
