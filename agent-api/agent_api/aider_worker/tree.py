"""WorktreeFiles: what Aider takes for its git repository. No git process runs, so no repository's config can act."""

import os
from collections.abc import Iterator
from itertools import islice

SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "dist", "build"})
MOST_FILES = 20_000
MOST_LOOKED_AT = 100_000  # names of all kinds: a folder of a million takes no longer


class WorktreeFiles:
    """The part of Aider's GitRepo that editing uses: the root, and the files a model may name to see them."""

    def __init__(self, root: os.PathLike[str]) -> None:
        self.root = str(root)
        self._files: list[str] | None = None

    def get_tracked_files(self) -> list[str]:
        """Looked up once: Aider asks after each answer, and keeps the files it made itself."""
        if self._files is None:
            self._files = list(islice(self._found(), MOST_FILES))
        return self._files

    def _found(self) -> Iterator[str]:
        waiting, looked_at = [""], 0
        while waiting:
            folder = waiting.pop(0)
            try:
                listing = os.scandir(os.path.join(self.root, folder))  # noqa: PTH118 - a quarter of the time
            except OSError:
                continue  # not ours to read, so not the model's either
            with listing:
                for entry in listing:
                    looked_at += 1
                    if looked_at > MOST_LOOKED_AT:
                        return
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED and not entry.name.startswith("."):
                            waiting.append(path)
                    elif entry.is_file(follow_symlinks=False) and entry.name != ".git":
                        yield path

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
