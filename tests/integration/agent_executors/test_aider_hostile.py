"""Repositories that mean harm, edited and committed by Aider: nothing of theirs runs; by git as it is, it does."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_api.aider_worker.tree import MOST_LOOKED_AT
from agent_api.executors.aider import AiderExecutor
from services.contract.run_spec import AiderSettings
from tests.integration.agent_executors.test_aider_edits import CALC, FIXED, whole
from tests.support.agent_jobs import agent_settings, make_job, make_repository
from tests.support.openai_server import Reply

pytestmark = pytest.mark.aider


@pytest.fixture
async def executor(tmp_path: Path, aider_python: Path) -> AsyncIterator[AiderExecutor]:
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python))
    yield executor
    await executor.close()


def trap(folder: Path) -> Path:
    """A repository whose hooks, fsmonitor, filters, diff driver, editor, signer and submodule URL each leave a file."""
    files = {"calc.py": CALC, ".gitattributes": "*.py filter=evil diff=evil\n", "a\nname.py": "x = 1\n",
             ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = ext::sh -c touch% pwned-submodule\n'}  # fmt: skip
    make_repository(folder, files)
    marks = folder.parent / "marks"
    marks.mkdir(exist_ok=True)
    config = {
        "core.fsmonitor": f"touch {marks}/fsmonitor; false", "core.hooksPath": ".githooks",
        "core.editor": f"touch {marks}/editor",
        "filter.evil.clean": f"touch {marks}/clean; cat", "filter.evil.smudge": f"touch {marks}/smudge; cat",
        "diff.evil.textconv": f"touch {marks}/textconv; cat", "diff.external": f"touch {marks}/external; true",
        "commit.gpgSign": "true", "gpg.program": f"{folder}/.githooks/signer",
    }  # fmt: skip
    for name, value in config.items():
        subprocess.run(["git", "config", name, value], cwd=folder, check=True)
    hooks = folder / ".githooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-commit", "prepare-commit-msg", "post-index-change", "signer"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marks}/{name}\n")
        (hooks / name).chmod(0o755)
    return marks


async def test_nothing_of_a_repository_runs(executor, tmp_path, serve):
    work = tmp_path / "work"
    marks = trap(work)
    (work / ".git" / "info" / "exclude").write_text(".githooks/\n")
    server = await serve(Reply(whole(calc__py=FIXED)))
    settings = AiderSettings(message="Make add() add.", files=("calc.py", "a\nname.py"), commit_message="Mend add()")
    watched = make_job(tmp_path, work, settings, server.gateway_url, agent=executor._settings)
    result = await executor.run(watched.job)
    assert (result.outcome, result.files_touched) == ("completed", ("calc.py",)), result
    assert result.answer["commit"] and list(marks.iterdir()) == []
    shown = run_git(work, "show", "--no-textconv", "--no-ext-diff", "--stat", "--format=%s", "HEAD", quiet=True)
    assert "Mend add()" in shown and "calc.py" in shown
    for path in marks.iterdir():
        path.unlink()
    # the same by git as it is: the traps go off
    (work / "calc.py").write_text(CALC)
    run_git(work, "commit", "-qam", "x")
    run_git(work, "diff", "HEAD")
    went_off = {path.name for path in marks.iterdir()}
    assert {"fsmonitor", "clean", "pre-commit", "external", "signer"} <= went_off, went_off


def run_git(folder: Path, *args: str, quiet: bool = False) -> str:
    """As a person would; `quiet`: only to look."""
    off = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "filter.evil.clean="] if quiet else []
    who = {f"GIT_{one}_{what}": "a@localhost" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"} | who
    done = subprocess.run(["git", *off, *args], cwd=folder, capture_output=True, text=True, env=environment)
    return done.stdout


async def test_many_files_and_links_in_circles(executor, tmp_path, serve):
    """The look for files that a model may name ends, whatever the folder holds."""
    work = make_repository(tmp_path / "work", {"calc.py": CALC})
    (work / "round").symlink_to(work, target_is_directory=True)
    (work / "out").symlink_to("/", target_is_directory=True)
    for number in range(3000):
        (work / f"f{number}.txt").touch()
    assert MOST_LOOKED_AT < 1_000_000
    server = await serve(Reply("Look at f1.txt, round/calc.py and out/etc/passwd."), Reply(whole(calc__py=FIXED)))
    watched = make_job(
        tmp_path, work, AiderSettings(message="Add.", files=("calc.py",)), server.gateway_url, agent=executor._settings
    )
    result = await executor.run(watched.job)
    assert result.outcome == "completed" and "root:" not in str(server.requests)
