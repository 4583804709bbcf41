"""What the project's own files tell agents: AGENTS.md, CONVENTIONS.md and project.md of the worktree."""

from pathlib import Path

from services.prompts.sections import Section

GUIDES = ("AGENTS.md", "CONVENTIONS.md")
ABOUT = "project.md"
MOST_BYTES = 200_000  # read of one file; a prompt has room for far less


def guides(worktree: Path, rank: int) -> Section:
    """How the project wants its code: of its own files, so that it is data like the rest."""
    texts = [f"## {name}\n{text}" for name in GUIDES if (text := _text(worktree / name))]
    return Section("The project's own guide", "\n".join(texts), rank, name="guides", outside=True)


def about(worktree: Path, rank: int) -> Section:
    """What the project is, in its owner's words."""
    return Section("About the project (project.md)", _text(worktree / ABOUT), rank, name="project_md", outside=True)


def _text(path: Path) -> str:
    """Empty where there is no such file; a link may lead out of the worktree and is not followed."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", errors="replace")
