"""The change with its base's own tests laid over it."""

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path

from services.domain.test_files import belongs_to_tests
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.repos.upkeep import Upkeep
from tests.workflows.conftest import git


def write(folder: Path, **files: str | None) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True) if text is None else path.write_text(text)


def keep(folder: Path, files: Mapping[bytes, bytes | None]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / os.fsdecode(name)
        path.unlink() if content is None else path.write_bytes(content)


def kept(folder: Path) -> dict[bytes, bytes]:
    return {os.fsencode(path.name): path.read_bytes() for path in folder.iterdir()}


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "one")
    return git(folder, "rev-parse", "HEAD")


async def test_tests_are_as_they_were_and_all_else_is_as_the_change_made_it(tmp_path: Path) -> None:
    workspace = tmp_path / "work space"
    workspace.mkdir()
    git(workspace, "init", "-q", "-b", "main")
    write(workspace, sums_py="old", tests__test_a_py="old", tests__test_b_py="old", tests__same_py="same")
    base = commit(workspace)
    write(workspace, sums_py="new", tests__test_a_py="edited", tests__test_b_py=None, tests__conftest_py="silence")
    write(workspace, extra_py="new")
    head = commit(workspace)
    repos = Repos(tmp_path / "home", Identity("Hub", "hub@wfhub.localhost"))
    await repos.target(1, workspace, "main")
    laid = await repos.laid_over(1, base, head, belongs_to_tests)
    assert laid is not None
    assert laid == await repos.laid_over(1, base, head, belongs_to_tests), "done again it is the same commit"
    tree = await repos.base_worktree(1, laid)
    found = {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*.py")}
    assert found == {
        "sums.py": "new", "extra.py": "new",
        "tests/test_a.py": "old", "tests/test_b.py": "old", "tests/same.py": "same",
    }  # fmt: skip
    at_once = await asyncio.gather(*(repos.laid_over(1, base, head, belongs_to_tests) for _ in range(6)))
    assert set(at_once) == {laid}, "none takes away what another one is making"
    assert not list((tmp_path / "home").rglob("overlay-*"))
    assert await repos.laid_over(1, base, base, belongs_to_tests) is None
    texts = await repos.texts(1, head, ["sums.py", "tests/test_b.py", "tests", "no such file.py"])
    assert texts == {"sums.py": "new", "tests/test_b.py": None, "tests": None, "no such file.py": None}


async def test_a_change_that_only_adds_tests_needs_no_second_run(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    workspace.mkdir()
    git(workspace, "init", "-q", "-b", "main")
    write(workspace, sums_py="old", tests__test_a_py="old")
    base = commit(workspace)
    write(workspace, tests__test_new_py="new", sums_py="new")
    head = commit(workspace)
    repos = Repos(tmp_path / "home", Identity("Hub", "hub@wfhub.localhost"))
    await repos.target(1, workspace, "main")
    assert await repos.laid_over(1, base, head, belongs_to_tests) is None


async def test_names_of_any_bytes_are_laid_over(tmp_path: Path) -> None:
    """Neither UTF-8 nor one line: what can't be shown is no way to get a weaker test past the base's."""
    workspace = tmp_path / "w"
    workspace.mkdir()
    git(workspace, "init", "-q", "-b", "main")
    old = {name: b"old " + name for name in (b"t\xff.py", b"t\xfe.py", b"a\nb\tc.py", "tést.py".encode(), b'"q".py')}
    keep(workspace / "tests", old)
    base = commit(workspace)
    keep(workspace / "tests", {**dict.fromkeys(old, b"weaker"), b"t\xff.py": None, b"new\xff.py": b"silence"})
    head = commit(workspace)
    repos = Repos(tmp_path / "home", Identity("Hub", "hub@wfhub.localhost"))
    await repos.target(1, workspace, "main")
    laid = await repos.laid_over(1, base, head, belongs_to_tests)
    assert laid is not None
    assert kept(await repos.base_worktree(1, laid) / "tests") == old


async def test_what_a_kill_left_is_swept_when_nobody_can_use_it_any_more(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    workspace.mkdir()
    git(workspace, "init", "-q", "-b", "main")
    write(workspace, sums_py="old")
    commit(workspace)
    repos = Repos(tmp_path / "home", Identity("Hub", "hub@wfhub.localhost"))
    await repos.target(1, workspace, "main")
    left, young = (repos.mirror(1) / name for name in ("overlay-left", "overlay-young"))
    for folder in (left, young):
        folder.mkdir()
        (folder / "index.lock").touch()
    os.utime(left, (0, time.time() - 90_000))
    assert not await repos.keep_small(1, Upkeep(loose=0, packs=0)), "there is nothing to pack"
    assert not left.exists() and young.exists()
