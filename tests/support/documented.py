"""The commands that the tutorial and the how-to guides show, and a place to run them in."""

import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.local_hub import CHECKOUT, LocalHub

DOCS = CHECKOUT / "docs"
INDEX = DOCS / "guides" / "index.md"
BLOCK = re.compile(r"(?:^<!-- not run: ([a-z-]+) -->\n)?^```(?:sh|bash|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REASON = re.compile(r"^\| ([a-z-]+) \| .+ \|$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """`not_run` is the mark of a reason, empty where the tests run it."""

    text: str
    not_run: str


def blocks(page: Path) -> list[Block]:
    """The shell commands of a page, in their order."""
    return [Block(text, mark or "") for mark, text in BLOCK.findall(page.read_text(encoding="utf-8"))]


def reasons() -> set[str]:
    """The marks that the guides' first page explains."""
    return set(REASON.findall(INDEX.read_text(encoding="utf-8").partition("## What the tests do not run")[2])) - {
        "mark",
        "---",
    }


def pages() -> list[Path]:
    return [DOCS / "tutorial.md", *sorted((DOCS / "guides").glob("*.md"))]


def run(hub: LocalHub, texts: list[str], folder: Path, seconds: float = 120) -> str:
    """One shell runs them all, in the hub's folder, and stops at the first that fails. Answers what they printed."""
    script = "set -euo pipefail\n" + "\n".join(texts).replace("http://127.0.0.1:8002", hub.settings.main_api_url)
    done = subprocess.run(
        ["bash", "-c", script], cwd=hub.settings.root, env=_environment(hub, folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def _environment(hub: LocalHub, folder: Path) -> dict[str, str]:
    """A person's: a home of their own, `wf` and `./start.sh` of this hub on the way."""
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name in (programs / "wf", hub.settings.root / "start.sh"):
        name.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.cli "$@"\n')
        name.chmod(name.stat().st_mode | stat.S_IXUSR)
    own = {**hub.settings.environment, "WFHUB_ROOT": str(hub.settings.root), "HOME": str(folder), "COLUMNS": "200"}
    git = {"GIT_AUTHOR_NAME": "You", "GIT_AUTHOR_EMAIL": "you@example.org"}
    committer = {"GIT_COMMITTER_NAME": "You", "GIT_COMMITTER_EMAIL": "you@example.org"}
    return {**own, **git, **committer, "PATH": f"{programs}:{os.environ['PATH']}", "no_proxy": "*"}
