"""Which files of a worktree a step gives a model to edit."""

from pathlib import Path, PurePosixPath

from services.domain.secret_files import is_secret
from services.prompts.brief import Brief
from services.workflows.records import Step

SECURED_PREFIXES = (".git", ".workflow")


def files_to_edit(
    brief: Brief, step: Step, worktree: Path, changed: tuple[str, ...], readable: tuple[str, ...]
) -> tuple[str, ...]:
    """Paths the model gets to edit, each once: what the task, its findings, the branch and the step name. `readable`
    are globs of secrets that it may see."""
    named: list[str] = []
    if step["task_files"]:
        named += [*brief.task.files, *changed, *(f.file for f in brief.findings if f.file)]
    named += [path for path in changed if any(PurePosixPath(path).match(pattern) for pattern in step["owns"])]
    for pattern in step["edit"]:
        named += sorted(path.relative_to(worktree).as_posix() for path in worktree.glob(pattern) if path.is_file())
    return tuple(dict.fromkeys(path for path in named if _is_inside(path, worktree) and not is_secret(path, readable)))


def _is_inside(path: str, worktree: Path) -> bool:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or parts[0] in SECURED_PREFIXES:
        return False
    target = worktree / path
    return not target.is_symlink() and not target.is_dir()
