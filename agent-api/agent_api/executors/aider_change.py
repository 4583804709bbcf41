"""What an edit changed: kept from before its first write, shown as git shows it, put back when the edit failed."""

import asyncio
import base64
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import structlog

from agent_api.confine import Workspace
from agent_api.errors import OutsideWorkspace, ToolRefused
from services.domain.errors import HubError
from services.repos.environment import Identity
from services.repos.git import Git, Where

log = structlog.get_logger(__name__)
DIFF_BYTES = 2_000_000
LARGEST = 64 * 2**20


@dataclass
class Change:
    """`before` maps each path that was written to its bytes from before; None where there was no file."""

    worktree: Path
    readable: tuple[str, ...] = ()
    before: dict[str, bytes | None] = field(default_factory=dict)

    def note(self, told: dict[str, str | None]) -> None:
        """The worker's word before it first writes a file. The first one counts: later rounds edit what is ours."""
        content = told["content"]
        self.before.setdefault(str(told["path"]), None if content is None else base64.b64decode(content))

    def edited(self) -> tuple[str, ...]:
        """Paths whose content really differs now."""
        return tuple(sorted(path for path, before in self.before.items() if self._now(path) != before))

    def put_back(self) -> tuple[str, ...]:
        """Undo it, as far as the disk allows; answers what could not be put back."""
        failed: list[str] = []
        with Workspace(self.worktree, readable=self.readable) as inside:
            for path in self.edited():
                before = self.before[path]
                try:
                    inside.remove_file(path) if before is None else inside.write_bytes(path, before)
                except (ToolRefused, OutsideWorkspace, OSError) as error:
                    log.warning("aider.not_put_back", path=path, error=str(error))
                    failed.append(path)
        return tuple(failed)

    async def diff(self) -> tuple[bytes, bool]:
        """A unified diff with `a/` and `b/`, and whether it was cut at DIFF_BYTES. Answers what a person can read where
        git is missing."""
        with tempfile.TemporaryDirectory(prefix="wfhub-diff-") as folder:
            await asyncio.to_thread(self._lay_out, Path(folder))
            git = Git(Identity("hub", "hub@localhost"), owned=Path(folder), seconds=30)
            flags = ("--no-index", "--no-prefix", "--no-ext-diff", "--no-textconv", "--no-renames")
            try:
                said = await git.run(Where(Path(folder)), "diff", *flags, "a", "b", ok=(0, 1), limit=DIFF_BYTES)
            except HubError as error:
                return f"The diff can't be shown: {error}\n".encode(), True
            return said.stdout, said.cut

    def _lay_out(self, folder: Path) -> None:
        """Both sides as two trees: what git compares is no repository's, so nobody's configuration has a say in it."""
        for side in ("a", "b"):
            (folder / side).mkdir()
        for path in self.edited():
            if ".." in PurePosixPath(path).parts:
                continue  # the worker never names one; the paths are its word
            for side, content in (("a", self.before[path]), ("b", self._now(path))):
                if content is not None:
                    place = folder / side / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)

    def _now(self, path: str) -> bytes | None:
        try:
            with Workspace(self.worktree, readable=self.readable) as inside:
                return inside.read_bytes(path, LARGEST)[0]
        except (ToolRefused, OutsideWorkspace):
            return None
