"""Copies the bundled sample into a workspace, with a git history of its own."""

import os
import subprocess
from pathlib import Path
from typing import TypedDict

import yaml

from services.demo.errors import SampleNotCopied

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
    SampleNotCopied when the target has something in it, cannot be written, or git refuses.
    """
    target = target.resolve()
    story = history()
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise SampleNotCopied(f"{target} is not empty.", "Name another folder, or empty this one.")
        _git(target, story, "init", "--quiet", f"--initial-branch={story['branch']}")
        for commit in story["commits"]:
            for name in commit["files"]:
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes((SAMPLE / name).read_bytes())
            _git(target, story, "add", "--", *commit["files"])
            _git(target, story, "commit", "--quiet", "--no-verify", "-m", commit["message"], at=commit["at"])
    except OSError as error:
        reason = error.strerror or str(error)
        raise SampleNotCopied(
            f"The sample cannot be written to {target}: {reason}.", "Free it, or name another."
        ) from error
    return target


def _git(folder: Path, story: History, *arguments: str, at: str = "") -> None:
    """Run git free of the person's configuration: their hooks, signing and templates do not belong in the sample."""
    author = story["author"]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TEMPLATE_DIR": "",
        "GIT_TERMINAL_PROMPT": "0",
    }
    for kind in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{kind}_NAME": author["name"], f"GIT_{kind}_EMAIL": author["email"]}
        if at:
            environment[f"GIT_{kind}_DATE"] = at
    # autocrlf and the file mode are pinned: the commit hashes have to be the same on every machine.
    settings = ("-c", "core.autocrlf=false", "-c", "core.fileMode=false", "-c", "commit.gpgSign=false")
    command = ["git", *settings, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SampleNotCopied("git is not installed.", "Install it, for instance with `apt install git`.") from error
    if done.returncode:
        raise SampleNotCopied(f"git {arguments[0]} failed in {folder}: {done.stderr.strip()}", "Run `wf doctor`.")
