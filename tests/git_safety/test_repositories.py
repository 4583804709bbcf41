"""Repositories as people have them: each is carried through a whole task, or refused with a sentence."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from services.repos.errors import MergeWaits, RepositoryForbidden, WorkspacePartial
from services.repos.repos import Repos
from tests.git_safety.conftest import carry, merge, start
from tests.integration.repos.conftest import TRAILERS, Person
from tests.integration.repos.test_workspace import as_root, mount, unmount

BIG_MB = int(os.environ.get("WFHUB_BIG_FILE_MB", "48"))  # `just git-safety` takes 500


def clone(person: Person, name: str, *options: str) -> Person:
    """Of `person`'s repository, by the file protocol as from another machine."""
    folder = person.path.parent / name
    person.git("config", "uploadpack.allowFilter", "true")
    person.git("clone", "-q", *options, f"file://{person.path}", str(folder))
    return Person(folder)


def tracked(person: Person) -> set[bytes]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=person.path, capture_output=True, check=True)
    return set(listed.stdout.split(b"\0"))


def read(person: Person, name: bytes) -> bytes:
    return (person.path / os.fsdecode(name)).read_bytes()


def append(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).open("a").write("more\n")


async def test_a_shallow_clone(repos: Repos, person: Person) -> None:
    for n in range(3):
        person.commit({"app.py": f"one\ntwo\nthree\n{n}\n"})
    mine = clone(person, "shallow", "--depth=1")
    await carry(repos, mine, append("app.py"))
    assert mine.git("rev-parse", "--is-shallow-repository") == "true", "it is as shallow as it was"
    mine.git("fetch", "-q", "--unshallow")
    assert await repos.target(1, mine.path, "main") == mine.head()


async def test_a_partial_clone_is_refused_until_it_is_whole(repos: Repos, person: Person, home: Path) -> None:
    person.commit({"app.py": "other\n"})
    mine = clone(person, "partial", "--filter=blob:none")
    with pytest.raises(WorkspacePartial) as caught:
        await repos.prepare_workspace(mine.path, "main")
    assert "--refetch" in caught.value.way_out
    with pytest.raises(WorkspacePartial):  # it was whole when the project was made
        await repos.target(1, mine.path, "main")
    mine.git("config", "--unset", "remote.origin.partialclonefilter")
    mine.git("fetch", "-q", "--refetch")
    await carry(repos, mine, append("app.py"))


async def test_a_partial_clone_fetches_nothing_by_itself(repos: Repos, person: Person, tmp_path: Path) -> None:
    """git would start the program that the repository's configuration names for its remote."""
    mine = clone(person, "partial", "--filter=blob:none", "--no-checkout")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\nexit 1\n")
    trap.chmod(0o755)
    mine.git("config", "remote.origin.uploadpack", str(trap))
    mine.git("reset", "-q", check=False)
    with pytest.raises(WorkspacePartial):
        await repos.prepare_workspace(mine.path, "main")
    with pytest.raises(WorkspacePartial):
        await repos.target(1, mine.path, "main")
    assert not (tmp_path / "sprung").exists()
    mine.git("checkout", "-q", "main", check=False)
    assert (tmp_path / "sprung").exists(), "plain git starts it"


async def test_submodules_stay_where_they_point(repos: Repos, person: Person) -> None:
    library = Person(person.path.parent / "library")
    library.path.mkdir()
    library.git("init", "-q", "-b", "main")
    pinned = library.commit({"lib.py": "lib\n"})
    person.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(library.path), "lib")
    person.git("commit", "-qm", "Add a submodule")
    (person.path / "lib" / "lib.py").write_text("the person's own edit\n")
    tree = await start(repos, person)
    assert list((tree.path / "lib").iterdir()) == [], "agents see an empty folder"
    append("app.py")(tree.path)
    assert await repos.commit_all(tree, "Work", TRAILERS)
    assert (await merge(repos, person, tree)).delivered
    assert person.git("rev-parse", "main:lib") == pinned
    assert (person.path / "lib" / "lib.py").read_text() == "the person's own edit\n"
    notes = " ".join(await repos.notes(person.path))
    assert "submodule" in notes


async def test_pointers_of_git_lfs_stay_pointers(repos: Repos, person: Person) -> None:
    """With a filter that works as git-lfs does: a file in the checkout, a pointer in the history."""
    for name, program in {"clean": "sed s/^PICTURE/pointer/", "smudge": "sed s/^pointer/PICTURE/"}.items():
        person.git("config", f"filter.lfs.{name}", program)
    person.commit({".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n", "a.png": "PICTURE 1\n"})
    assert person.git("show", "main:a.png") == "pointer 1"
    tree = await start(repos, person)
    assert (tree.path / "a.png").read_text() == "pointer 1\n"
    append("app.py")(tree.path)
    assert await repos.commit_all(tree, "Work", TRAILERS)
    os.utime(person.path / "a.png", (1, 1))  # git has to look into it again, and the hub runs no filter
    with pytest.raises(MergeWaits) as caught:
        await merge(repos, person, tree)
    assert caught.value.data["files"] == ["a.png"]
    assert "git status" in caught.value.way_out
    assert person.git("status", "--porcelain") == ""
    assert (await merge(repos, person, tree)).delivered
    assert (person.path / "a.png").read_text() == "PICTURE 1\n"
    assert person.git("status", "--porcelain") == ""
    assert "git-lfs" in " ".join(await repos.notes(person.path))


async def test_a_file_of_hundreds_of_mb(repos: Repos, person: Person) -> None:
    """No diff may hold it: it is compared by its id, and still makes another approval."""
    size = BIG_MB * 1_000_000

    def edit(folder: Path) -> None:
        with (folder / "big.txt").open("wb") as file:
            file.truncate(size)

    tree, made = await carry(repos, person, edit)
    assert (person.path / "big.txt").stat().st_size == size
    assert len((await repos.diff(1, tree.head, made)).patch) < 1_000
    (tree.path / "big.txt").write_text("x\n" * 20_000_000)  # 40 MB, a text
    small = await repos.commit_all(tree, "A text", TRAILERS)
    assert small is not None
    assert len((await repos.diff(1, made, small)).patch) < 1_000
    assert await repos.patch_id(1, tree.head, small) != await repos.patch_id(1, tree.head, made)


@pytest.mark.parametrize(
    ("before", "after"),
    [("README.md", "readme.md"), ("README.md", "docs/read me.md"), ("app.py", "App.PY")],
)
async def test_renames_and_those_of_case_alone(repos: Repos, person: Person, before: str, after: str) -> None:
    def edit(folder: Path) -> None:
        (folder / after).parent.mkdir(exist_ok=True)
        (folder / before).rename(folder / after)

    tree, made = await carry(repos, person, edit)
    (one,) = (await repos.diff(1, tree.head, made)).files
    assert (one.status, one.old_path, one.path) == ("renamed", before, after)
    assert sorted(person.git("ls-files").splitlines()) == sorted({"README.md", "app.py", after} - {before})


async def test_names_of_any_bytes_and_binary_files(repos: Repos, person: Person) -> None:
    names = [
        b"new\nline.txt",
        b"\xff\xfe bytes.bin",
        "ü 漢.txt".encode(),
        b'"quoted" \\ \t',
        b"-dash",
        b":(top)x",
        b"*",
    ]

    def edit(folder: Path) -> None:
        for name in names:
            (folder / os.fsdecode(name)).write_bytes(b"\0\x01" + name)

    tree, made = await carry(repos, person, edit)
    assert tracked(person) >= set(names)
    assert [read(person, name) for name in names] == [b"\0\x01" + name for name in names]
    files = (await repos.diff(1, tree.head, made)).files
    assert len(files) == len(names) and all(one.binary for one in files)
    for name in names:
        (person.path / os.fsdecode(name)).unlink()
    with pytest.raises(MergeWaits) as caught:  # the next task's merge names them in words that can be shown
        append("app.py")(tree.path)
        assert await repos.commit_all(tree, "More", TRAILERS)
        await merge(repos, person, tree, "run-2")
    assert "new\nline.txt" in caught.value.data["files"] and "\ufffd\ufffd bytes.bin" in caught.value.data["files"]


@pytest.mark.parametrize("attributes", ["* text=auto eol=crlf\n", "*.py text eol=crlf\nREADME.md -text\n"])
async def test_crlf_is_kept_as_attributes_say(repos: Repos, person: Person, attributes: str) -> None:
    person.commit({".gitattributes": attributes})
    for name in ("app.py", "README.md"):
        (person.path / name).unlink()
    person.git("checkout", "-q", ".")
    assert b"\r\n" in (person.path / "app.py").read_bytes()

    def edit(folder: Path) -> None:
        old = (folder / "app.py").read_bytes()
        assert b"\r\n" in old
        (folder / "app.py").write_bytes(old.replace(b"two\r\n", b"TWO\r\n"))

    tree, made = await carry(repos, person, edit)
    (one,) = (await repos.diff(1, tree.head, made)).files
    assert (one.added, one.removed) == (1, 1), "not every line"
    assert (person.path / "app.py").read_bytes() == b"one\r\nTWO\r\nthree\r\n"


async def test_line_ends_that_git_only_keeps(repos: Repos, person: Person) -> None:
    (person.path / "dos.txt").write_bytes(b"a\r\nb\r\n")
    person.git("-c", "core.autocrlf=false", "add", "dos.txt")
    person.git("commit", "-qm", "With CRLF in the history")
    await carry(repos, person, append("app.py"))
    assert (person.path / "dos.txt").read_bytes() == b"a\r\nb\r\n"


async def test_no_identity_anywhere(repos: Repos, person: Person) -> None:
    person.git("config", "user.useConfigOnly", "true")
    await carry(repos, person, append("app.py"))
    assert person.git("log", "-1", "--format=%an <%ae> %cn") == "Workflow Hub <hub@example.org> Workflow Hub"
    assert person.git("config", "--local", "user.name", check=False) == "", "it is written nowhere"


async def test_a_hook_that_guards_the_branch_is_not_run(repos: Repos, person: Person) -> None:
    """What guards main here is the person's approval; what guards it elsewhere meets the push."""
    hook = person.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{person.path.parent}/sprung'\nexit 1\n")
    hook.chmod(0o755)
    await carry(repos, person, append("app.py"))
    assert not (person.path.parent / "sprung").exists()


async def test_worktrees_and_branches_of_the_persons_own(repos: Repos, person: Person) -> None:
    person.git("branch", "wfhub/POC-1-1")
    other = person.path.parent / "their tree"
    person.git("worktree", "add", "-q", str(other), "wfhub/POC-1-1")
    (other / "app.py").write_text("theirs, not committed\n")
    before = person.git("worktree", "list", "--porcelain").split("\n\n")[1]
    await carry(repos, person, append("README.md"))
    assert person.git("worktree", "list", "--porcelain").split("\n\n")[1] == before
    assert (other / "app.py").read_text() == "theirs, not committed\n"


@as_root
async def test_a_file_system_that_may_only_be_read(repos: Repos, person: Person) -> None:
    tree = await start(repos, person)
    append("app.py")(tree.path)
    assert await repos.commit_all(tree, "Work", TRAILERS)
    folder = str(person.path)
    if mount("--bind", folder, folder):
        pytest.skip("mounting is not allowed here")
    try:
        assert mount("-o", "remount,bind,ro", folder) == 0
        with pytest.raises(RepositoryForbidden, match="not allowed to read or write"):
            await merge(repos, person, tree)
        assert person.head() == tree.head
        assert person.git("status", "--porcelain") == ""
    finally:
        unmount(person.path)
    assert (await merge(repos, person, tree)).delivered
