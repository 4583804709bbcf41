"""WorktreeFiles: what Aider takes for its git repository. No git process runs, so no repository's config can act."""

import os
from pathlib import Path

SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "dist", "build"})
MOST_FILES = 20_000


class WorktreeFiles:
    """The part of Aider's GitRepo that editing uses: the root, and the files a model may name to see them."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)

    def get_tracked_files(self) -> list[str]:
        found: list[str] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
            for name in sorted(files):
                path = Path(folder, name)
                if name != ".git" and not path.is_symlink():
                    found.append(path.relative_to(self.root).as_posix())
            if len(found) >= MOST_FILES:
                break
        return found[:MOST_FILES]

    def get_rel_repo_dir(self) -> str:
        return ".git"

    def get_head_commit_sha(self, short: bool = False) -> None:
        return None

    def path_in_repo(self, path: str) -> bool:
        return True

    def git_ignored_file(self, path: str) -> bool:
        return False

    def ignored_file(self, path: str) -> bool:
        return False

    def is_dirty(self, path: str | None = None) -> bool:
        return False
