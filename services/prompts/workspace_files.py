"""What the project's own files tell agents: AGENTS.md, CONVENTIONS.md and project.md of the worktree."""

from collections.abc import Sequence
from pathlib import Path

from services.files.regular import read_regular
from services.prompts.sections import Section

GUIDES = ("AGENTS.md", "CONVENTIONS.md")
ABOUT = "project.md"
MOST_BYTES = 200_000  # read of one file; a prompt has room for far less


def guides(worktree: Path, rank: int) -> Section:
    """How the project wants its code: of its own files, so that it is data like the rest."""
    return _section("The project's own guide", worktree, GUIDES, rank, name="guides")


def about(worktree: Path, rank: int) -> Section:
    """What the project is, in its owner's words."""
    return _section("About the project (project.md)", worktree, (ABOUT,), rank, name="project_md")


def _section(title: str, worktree: Path, names: Sequence[str], rank: int, *, name: str) -> Section:
    """Of several files each has its name above it. One that is there and can't be read is left out, and that is
    said."""
    texts: list[str] = []
    cut: list[str] = []
    for file in names:
        try:
            text = read_regular(worktree / file, MOST_BYTES).decode("utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            cut.append(f"{file} (it can't be read: {error.strerror})")
            texts.append(f"({file} is not shown, it can't be read: {error.strerror}.)")
            continue
        if text:
            texts.append(text if len(names) == 1 else f"## {file}\n{text}")
    return Section(title, "\n".join(texts), rank, tuple(cut), name, outside=True)
