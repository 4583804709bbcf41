"""What a workspace may be, and the sentence for each that cannot be one."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from services.domain.errors import HubError, InvalidInput
from services.repos.errors import (
    GitMissing,
    GitTimedOut,
    GitTooOld,
    RepositoryDiskFull,
    RepositoryForbidden,
    RepositoryNotOwned,
    RevisionMissing,
    WorkspaceBare,
    WorkspaceDetached,
    WorkspaceInsideRepository,
    WorkspaceIsFile,
    WorkspaceMissing,
    WorkspaceUncommitted,
)
from services.repos.git import Git, Where
from services.repos.repos import Repos
from services.repos.workspace import prepare_workspace
from tests.integration.repos.conftest import IDENTITY, Person

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user or to mount")


async def refusal(repos: Repos, path: Path, kind: type[HubError], branch: str = "main") -> HubError:
    with pytest.raises(kind) as caught:
        await repos.prepare_workspace(path, branch)
    assert type(caught.value) is kind
    assert caught.value.way_out
    return caught.value


@pytest.mark.parametrize("name", ["plain", "with space", 'it\'s "quoted"', "ü-ñ", "$(touch x);`y`", "-dash", "a:b"])
async def test_a_missing_folder_becomes_a_repository(repos: Repos, tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "deep"
    made = await repos.prepare_workspace(path, "trunk")
    assert (made.path, made.default_branch, made.dirty, made.created) == (path, "trunk", (), True)
    person = Person(path)
    assert person.head("trunk") == made.head
    assert person.git("log", "--format=%an <%ae>") == "Workflow Hub <hub@example.org>"
    again = await repos.prepare_workspace(path, "trunk")
    assert (again.head, again.created) == (made.head, False)
    await repos.ensure_mirror(1, path, "trunk")
    assert await repos.fetch_target(1, path, "trunk") == made.head
    (path / ".workflow").mkdir()
    (path / ".workflow" / "x").write_text("x")
    assert person.git("status", "--porcelain") == ""


async def test_a_folder_with_files_is_committed_without_its_secrets(repos: Repos, tmp_path: Path) -> None:
    (tmp_path / "work" / "sub").mkdir(parents=True)
    (tmp_path / "work" / "a.py").write_text("a")
    (tmp_path / "work" / ".env.example").write_text("KEY=")
    secrets = (".env.production", "server.key", "sub/.env")
    for name in secrets:
        (tmp_path / "work" / name).write_text("KEY=secret")
    made = await repos.prepare_workspace(tmp_path / "work", "main")
    assert Person(tmp_path / "work").git("ls-files").split() == [".env.example", "a.py"]
    assert made.dirty == secrets


async def test_the_persons_own_exclusions_stay_byte_for_byte(repos: Repos, person: Person) -> None:
    exclude = person.path / ".git" / "info" / "exclude"
    theirs = b"# f\xfcr mich\nnotes"
    exclude.write_bytes(theirs)
    for _ in range(2):
        await repos.prepare_workspace(person.path, "main")
    assert exclude.read_bytes() == theirs + b"\n.workflow/\n"


async def test_an_empty_repository_gets_its_first_commit(repos: Repos, tmp_path: Path) -> None:
    Person(tmp_path).git("init", "-q", "-b", "master", "work")
    made = await repos.prepare_workspace(tmp_path / "work", "main")
    assert made.created
    assert Person(tmp_path / "work").head("main") == made.head


@pytest.mark.parametrize("staged", [False, True])
async def test_files_before_the_first_commit_are_the_persons_decision(
    repos: Repos, tmp_path: Path, staged: bool
) -> None:
    person = Person(tmp_path / "work")
    person.path.mkdir()
    person.git("init", "-q", "-b", "main")
    (person.path / "a.py").write_text("a")
    if staged:
        person.git("add", "a.py")
    before = person.git("status", "--porcelain")
    assert (await refusal(repos, person.path, WorkspaceUncommitted)).data["files"] == ["a.py"]
    assert person.git("status", "--porcelain") == before


async def test_uncommitted_changes_are_reported(repos: Repos, person: Person) -> None:
    (person.path / "app.py").write_text("mine")
    (person.path / "new file").write_text("mine")
    assert (await repos.prepare_workspace(person.path, "main")).dirty == ("app.py", "new file")


async def test_a_branch_that_is_not_there(repos: Repos, person: Person) -> None:
    error = await refusal(repos, person.path, RevisionMissing, "develop")
    assert error.data["branch"] == "main"
    assert (await repos.prepare_workspace(person.path)).default_branch == "main"


async def test_what_cannot_be_a_workspace(repos: Repos, person: Person, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    await refusal(repos, tmp_path / "file", WorkspaceIsFile)
    await refusal(repos, tmp_path / "file" / "below", WorkspaceIsFile)
    person.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    await refusal(repos, tmp_path / "bare.git", WorkspaceBare)
    person.commit({"sub/x.py": "x"})
    await refusal(repos, person.path / "sub", WorkspaceInsideRepository)
    person.git("checkout", "-q", "--detach")
    await refusal(repos, person.path, WorkspaceDetached)
    with pytest.raises(InvalidInput):
        await repos.prepare_workspace(Path("relative"), "main")


async def test_a_workspace_that_went_away(repos: Repos, person: Person) -> None:
    await repos.ensure_mirror(1, person.path, "main")
    moved = person.path.rename(person.path.parent / "moved")
    with pytest.raises(WorkspaceMissing):
        await repos.fetch_target(1, person.path, "main")
    person.path.mkdir()
    with pytest.raises(WorkspaceMissing):
        await repos.fetch_target(1, person.path, "main")
    assert await repos.fetch_target(1, moved, "main")


def closed_within(folder: Path) -> Path:
    (folder / "closed").mkdir(mode=0o700)
    folder.chmod(0o755)
    return folder


def mount(*args: str) -> int:
    return subprocess.run(["mount", *args], check=False).returncode


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@as_root
async def test_no_permission(home: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = closed_within(Path(name))
        git = Git(IDENTITY, home)
        await git.check_version()
        os.seteuid(65534)
        try:
            for path in (folder / "closed", folder / "closed" / "new", folder / "new"):
                with pytest.raises(RepositoryForbidden, match=re.escape(str(path))):
                    await prepare_workspace(git, path, "main")
        finally:
            os.seteuid(0)


@as_root
async def test_another_owners_repository(repos: Repos, person: Person) -> None:
    for path in (person.path, person.path / ".git"):
        os.chown(path, 65534, 65534)
    await refusal(repos, person.path, RepositoryNotOwned)
    with pytest.raises(RepositoryNotOwned):
        await repos.ensure_mirror(1, person.path, "main")


@as_root
async def test_a_full_disk_loses_nothing(person: Person, tmp_path: Path) -> None:
    small = tmp_path / "small disk"
    small.mkdir()
    if mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)):
        pytest.skip("mounting is not allowed here")
    try:
        repos = Repos(small / "home", IDENTITY)
        await repos.ensure_mirror(1, person.path, "main")
        tree = await repos.open_worktree(1, "POC-1", "wf/POC-1", person.head())
        (tree.path / "work.bin").write_bytes(os.urandom(120_000))
        with pytest.raises(RepositoryDiskFull):
            await repos.commit_all(tree, "Big", {"Run": "run-1"})
        assert (tree.path / "work.bin").stat().st_size == 120_000
        assert mount("-o", "remount,size=3m", str(small)) == 0
        assert await repos.commit_all(tree, "Big", {"Run": "run-1"})
    finally:
        unmount(small)


async def test_no_git_and_an_old_one(home: Path, tmp_path: Path) -> None:
    with pytest.raises(GitMissing):
        await prepare_workspace(Git(IDENTITY, home, program="git-that-is-not-there"), tmp_path / "w", "main")
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.34.1\n")
    old.chmod(0o755)
    with pytest.raises(GitTooOld, match=r"2\.34\.1"):
        await prepare_workspace(Git(IDENTITY, home, program=str(old)), tmp_path / "w", "main")
    assert not (tmp_path / "w").exists()


async def test_a_call_is_stopped_at_its_limit_with_its_children(home: Path, tmp_path: Path) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\nsleep 60 & echo $! > {tmp_path}/pid; wait\n")
    slow.chmod(0o755)
    with pytest.raises(GitTimedOut, match=r"0\.5 s"):
        await Git(IDENTITY, home, program=str(slow), seconds=0.5).run(Where(tmp_path), "status")
    child = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
    assert not child.exists() or child.read_text().split()[2] == "Z"
