"""What is out of the ordinary in the person's repository, and what the hub does about it: a sentence for each."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.repos.depot import Depot
from services.repos.git import Git, Where

_ASKED = r"^(filter\..*\.(clean|smudge|process)|core\.(hookspath|sparsecheckout))$"
# those that git would run for what the hub does
HOOKS = frozenset(
    {
        "commit-msg", "post-checkout", "post-commit", "post-index-change", "post-merge", "post-rewrite", "pre-commit",
        "pre-merge-commit", "prepare-commit-msg", "reference-transaction",
    }
)  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """What git said of a checkout, and how its configuration files stood then."""

    git_dir: Path
    common: Path
    config: dict[str, str]
    stamps: tuple[tuple[int, int] | None, ...]


async def notes(depot: Depot, workspace: Path) -> tuple[str, ...]:
    """Looks at plain files of the checkout, and asks git again when its configuration was changed (a file that it
    includes counts when the configuration itself is). Raises what git refuses."""
    name = ("notes", str(workspace))
    asked: _Asked | None = depot.facts.get(name)
    if asked is None or asked.stamps != _stamps(workspace, asked.git_dir, asked.common):
        asked = depot.facts[name] = await _ask(depot.git, workspace)
    return tuple(_notes(workspace, asked.git_dir, asked.common, asked.config))


async def _ask(git: Git, workspace: Path) -> _Asked:
    inside = await git.run(Where(workspace), "rev-parse", "--absolute-git-dir", "--git-common-dir")
    git_dir, common = map(os.fsdecode, inside.stdout.splitlines()[:2])
    stamps = _stamps(workspace, Path(git_dir), workspace / common)
    # --local: the hub's own words on hooks are of no interest here
    told = await git.run(Where(workspace), "config", "--local", "--includes", "-z", "--get-regexp", _ASKED, ok=(0, 1))
    return _Asked(Path(git_dir), workspace / common, dict(_pairs(told.stdout)), stamps)


def _stamps(workspace: Path, git_dir: Path, common: Path) -> tuple[tuple[int, int] | None, ...]:
    """Of a folder only which one it is: its time changes with every file that git writes there."""
    return tuple(_stamp(file) for file in (workspace / ".git", common / "config", git_dir / "config.worktree"))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_ino, 0 if stat.S_ISDIR(seen.st_mode) else seen.st_mtime_ns


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    for entry in raw.decode("utf-8", "replace").split("\0"):
        name, _, value = entry.partition("\n")
        if name:
            yield name, value


def _notes(workspace: Path, git_dir: Path, common: Path, config: dict[str, str]) -> Iterator[str]:
    if (workspace / ".gitmodules").is_file():
        yield (
            "It has submodules. Agents see their folders empty and can't change where they point; yours stay as they "
            "are."
        )
    filters = sorted({name.split(".")[1] for name in config if name.startswith("filter.")} | _named(workspace))
    if filters:
        yield (
            f"Files go through the filter {', '.join(filters)} (git-lfs, git-crypt and the like), which the hub never "
            "runs: agents see them as they are stored, and a merge writes them so. Afterwards `git lfs checkout`, or "
            "your filter's own command, fills them in."
        )
    if (common / "shallow").is_file():
        yield "It is a shallow clone. Work and merges go as ever; older history is not there to look at."
    if config.get("core.sparsecheckout", "").lower() == "true":
        yield "It is a sparse checkout. Agents see all files of the branch; yours shows those you chose."
    if hooks := _hooks(workspace / config["core.hookspath"] if "core.hookspath" in config else common / "hooks"):
        yield f"Its hooks ({', '.join(hooks)}) are not run when the hub commits or merges."
    if git_dir.resolve() != common.resolve():
        yield "It is a worktree of another repository, whose branches it shares."


def _named(workspace: Path) -> set[str]:
    """The filters that .gitattributes at the top names: git-lfs is often set up for the user alone."""
    try:
        words = (workspace / ".gitattributes").read_text(errors="replace").split()
    except OSError:
        return set()
    return {word.removeprefix("filter=") for word in words if word.startswith("filter=")}


def _hooks(folder: Path) -> list[str]:
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return []
    return [file.name for file in files if file.name in HOOKS and os.access(file, os.X_OK)]
