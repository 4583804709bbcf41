"""What git shows of a task's branch and of what was done in the project lately."""

from collections.abc import Sequence
from dataclasses import dataclass

FILES_TOLD = 40
COMMITS_TOLD = 8


@dataclass(frozen=True)
class GitState:
    """`changed` are the branch's files beside its base; `commits` (id and subject) and `files` the project's newest."""

    branch: str = ""
    changed: tuple[str, ...] = ()
    commits: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @property
    def of_branch(self) -> str:
        if not self.branch:
            return ""
        return f"On branch {self.branch}; changed since its base: {_listed(self.changed) or 'nothing yet'}."

    @property
    def lately(self) -> str:
        """The newest commits of the base, and the files that they touched, the newest first."""
        lines = [f"- {sha[:10]} {subject}" for sha, subject in self.commits[:COMMITS_TOLD]]
        return "\n".join([*lines, f"Files: {_listed(self.files)}"] if self.files else lines)


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - FILES_TOLD
    return ", ".join(paths[:FILES_TOLD]) + (f" and {more} more" if more > 0 else "")
