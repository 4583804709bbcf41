"""A commit of the change with files of its base laid over it: what the base's own tests say of the change."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from services.repos.depot import Depot, revision

_WHEN = "2000-01-01T00:00:00+00:00"  # the same trees make the same commit, so done again it is the same one
_VARIABLES = {"GIT_AUTHOR_DATE": _WHEN, "GIT_COMMITTER_DATE": _WHEN}
_FOLDER = "overlay-"
_NOTHING = b"000000"  # the mode of what is not there
_LEFT_SECONDS = 86_400  # no overlay takes as long


@dataclass(frozen=True, slots=True)
class _Changed:
    """A path that differs, and what the base has there. In bytes: a name need not be UTF-8."""

    path: bytes
    mode: bytes
    sha: bytes

    @property
    def name(self) -> str:
        """As rows and screens have it."""
        return self.path.decode("utf-8", "replace")

    @property
    def at_base(self) -> bool:
        return self.mode != _NOTHING

    @property
    def entry(self) -> bytes:
        """For update-index; it takes what was not there away."""
        return b"%s %s\t%s\0" % (self.mode if self.at_base else b"0", self.sha, self.path)


async def laid_over(depot: Depot, project_id: int, base: str, head: str, belongs: Callable[[str], bool]) -> str | None:
    """The id of such a commit; None where nothing that `belongs` and was there at `base` is changed by `head`.

    What belongs is as it was at the base: changed files changed back, deleted ones there again. Files that are new stay
    where `belongs` says nothing of them; new ones that belong are left out, for one of them may be what silences a test
    that stayed. The commit is in no history and on no branch.
    """
    bare, base_id, head_id = depot.bare(project_id), revision(base), revision(head)
    differ = await depot.git.run(bare, "diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", base_id, head_id)
    chosen = [one for one in _changed(differ.stdout) if belongs(one.name)]
    if not any(one.at_base for one in chosen):
        return None
    with TemporaryDirectory(prefix=_FOLDER, dir=bare.folder) as folder:  # two may be made at the same time
        variables = {**_VARIABLES, "GIT_INDEX_FILE": f"{folder}/index"}
        await depot.git.run(bare, "read-tree", head_id, variables=variables)
        stdin = b"".join(one.entry for one in chosen)
        await depot.git.run(bare, "update-index", "-z", "--index-info", stdin=stdin, variables=variables)
        tree = (await depot.git.run(bare, "write-tree", variables=variables)).text
    message = "The change with its base's own tests"
    made = await depot.git.run(bare, "commit-tree", tree, "-p", head_id, "-m", message, variables=_VARIABLES)
    depot.is_there(project_id, made.text)
    return made.text


def drop_left(mirror: Path) -> None:
    """Folders of overlays whose process was killed."""
    for folder in mirror.glob(f"{_FOLDER}*"):
        with suppress(FileNotFoundError):  # one that is in use goes by itself
            if folder.stat().st_mtime < time.time() - _LEFT_SECONDS:
                shutil.rmtree(folder)


def _changed(listed: bytes) -> Iterator[_Changed]:
    """`:<mode> <mode> <id> <id> <status>\\0<path>\\0` of diff-tree, base's before head's."""
    parts = listed.split(b"\0")
    for about, path in zip(parts[::2], parts[1::2], strict=False):
        mode, _, sha, _, _ = about.removeprefix(b":").split(b" ")
        yield _Changed(path, mode, sha)
