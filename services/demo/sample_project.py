"""Copies the bundled sample into a workspace, with a git history of its own."""

import asyncio
from pathlib import Path
from typing import TypedDict

import yaml

from services.demo.errors import SampleNotCopied
from services.repos.environment import Identity
from services.repos.git import Git, Where

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
SCENARIO = HERE / "scenario.yaml"


class Commit(TypedDict):
    """`files` are paths relative to the sample, `at` is an ISO time with offset."""

    message: str
    at: str
    files: list[str]


class History(TypedDict):
    """Who committed what, oldest first."""

    author: dict[str, str]
    branch: str
    commits: list[Commit]


def history() -> History:
    """The commits that `copy_sample` makes."""
    return yaml.safe_load((HERE / "history.yaml").read_text(encoding="utf-8"))


def copy_sample(target: Path) -> Path:
    """Write the sample to `target` (absent or an empty folder) and commit it step by step.

    Times and identity are fixed, so two copies have the same commit hashes. Returns the absolute target. Raises
    SampleNotCopied when the target has something in it or cannot be written, and what services.repos raises of git.
    """
    target = target.resolve()
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise SampleNotCopied(f"{target} is not empty.", "Name another folder, or empty this one.")
        asyncio.run(_commit_all(target, history()))
    except OSError as error:
        reason = error.strerror or str(error)
        raise SampleNotCopied(
            f"The sample cannot be written to {target}: {reason}.", "Free it, or name another."
        ) from error
    return target


async def _commit_all(target: Path, story: History) -> None:
    """Each commit of the history, by the hub's own git: no hook, template or setting of the person's comes near it."""
    git = Git(Identity(**story["author"]), owned=target)
    # Line ends and file modes are pinned: the commit hashes have to be the same on every machine.
    pinned = (("core.autocrlf", "false"), ("core.fileMode", "false"))
    where = Where(target, config=pinned)
    await git.run(where, "init", "--quiet", "--template=", f"--initial-branch={story['branch']}")
    for commit in story["commits"]:
        for name in commit["files"]:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((SAMPLE / name).read_bytes())
        dates = {"GIT_AUTHOR_DATE": commit["at"], "GIT_COMMITTER_DATE": commit["at"]}
        await git.run(where, "add", "--", *commit["files"])
        await git.run(where, "commit", "--quiet", "--no-verify", "-m", commit["message"], variables=dates)
