"""The hub that is backed up or brought back: where its parts lie."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]
# Folders of files that are named by their hash, or by a run: never changed, or only added to.
HASHED, OUTPUT = ("attachments", "proofs"), "runs"
# What the hub makes anew from the rest, and what its agents remember of jobs: their unfinished steps are done again.
MADE_ANEW = ("worktrees", "thumbnails", "agent")


@dataclass(frozen=True)
class HubPlace:
    """`home` is WFHUB_HOME, absolute; `env_file` is its `.env`."""

    home: Path
    database_url: str
    env_file: Path

    @property
    def database_file(self) -> Path | None:
        """SQLite's file; None on PostgreSQL."""
        from sqlalchemy.engine import make_url  # heavy, and only needed here

        url = make_url(self.database_url)
        return Path(url.database or "").absolute() if url.get_backend_name() == "sqlite" else None

    @property
    def kind(self) -> str:
        return "sqlite" if self.database_file else "postgresql"

    @property
    def backups(self) -> Path:
        """What was put aside: backups before upgrades, and what a restore replaced."""
        return self.home / "backups"
