"""What is out of the ordinary in the person's repository, and what the hub does about it: a sentence for each."""

import os
from collections.abc import Iterator
from pathlib import Path

from services.repos.git import Git, Where

_ASKED = r"^(filter\..*\.(clean|smudge|process)|core\.(hookspath|sparsecheckout))$"
# those that git would run for what the hub does
HOOKS = frozenset(
    {
        "commit-msg", "post-checkout", "post-commit", "post-index-change", "post-merge", "post-rewrite", "pre-commit",
        "pre-merge-commit", "prepare-commit-msg", "reference-transaction",
    }
)  # fmt: skip


async def notes(git: Git, workspace: Path) -> tuple[str, ...]:
    """Looks at plain files of the checkout and at one answer of git's. Raises what git refuses."""
    # --local: the hub's own words on hooks are of no interest here
    asked = await git.run(Where(workspace), "config", "--local", "--includes", "-z", "--get-regexp", _ASKED, ok=(0, 1))
    config = dict(_pairs(asked.stdout))
    inside = await git.run(Where(workspace), "rev-parse", "--absolute-git-dir", "--git-common-dir")
    git_dir, common = map(os.fsdecode, inside.stdout.splitlines()[:2])
    return tuple(_notes(workspace, Path(git_dir), workspace / common, config))


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
