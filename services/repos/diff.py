"""What changed between two commits of the mirror."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.repos.depot import Depot, revision
from services.repos.errors import RevisionMissing

PATCH_BYTES = 400_000
FACTS_BYTES = 8_000_000  # room for the names of some 30,000 files
STATUSES = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "C": "copied", "T": "type changed"}
PLAIN = ("--no-ext-diff", "--no-textconv", "-r", "--find-renames")


@dataclass(frozen=True, slots=True)
class FileChange:
    """`status` is added, modified, deleted, renamed, copied or `type changed`. Lines are 0 for binary files."""

    path: str
    old_path: str | None
    status: str
    added: int
    removed: int
    binary: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """`added` and `removed` count lines over all files. `truncated` means `patch` ends at the byte limit; `files` is
    always complete."""

    files: tuple[FileChange, ...]
    added: int
    removed: int
    patch: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit. `trailers` are its `Key: value` lines at the end, such as Task and Run."""

    sha: str
    parents: tuple[str, ...]
    at: datetime
    author: str
    subject: str
    trailers: tuple[tuple[str, str], ...]


async def diff(depot: Depot, project_id: int, base: str, head: str, patch_bytes: int = PATCH_BYTES) -> Diff:
    """Changes from `base` to `head` (commit ids or the mirror's branches). The patch is cut at a line's end."""
    bare, pair = depot.bare(project_id), (revision(base), revision(head))
    # In one process: a second one would look for renames again.
    asked = ("--raw", "--numstat", "-z", "-p", *pair)
    both = await depot.git.run(bare, "diff-tree", *PLAIN, *asked, limit=FACTS_BYTES + patch_bytes)
    facts, gap, patch = both.stdout.partition(b"\0\0")
    if both.cut and (not gap or len(patch) <= patch_bytes):  # more names than there was room for
        facts = (await depot.git.run(bare, "diff-tree", *PLAIN, "--raw", "--numstat", "-z", *pair)).stdout
        patch = (await depot.git.run(bare, "diff-tree", *PLAIN, "-p", *pair, limit=patch_bytes + 1)).stdout
    files = tuple(_files(facts))
    truncated = len(patch) > patch_bytes
    kept = patch[: patch.rfind(b"\n", 0, patch_bytes) + 1] if truncated else patch
    added, removed = sum(f.added for f in files), sum(f.removed for f in files)
    return Diff(files, added, removed, kept.decode("utf-8", "replace"), truncated)


async def changed_files(depot: Depot, project_id: int, base: str, head: str) -> tuple[str, ...]:
    """The paths that differ between two commits; a rename counts as both."""

    async def ask(base: str, head: str) -> tuple[str, ...]:
        args = ("diff-tree", "-r", "--no-renames", "--name-only", "-z", base, head)
        return () if base == head else (await depot.git.run(depot.bare(project_id), *args)).names

    return await depot.fact("changed", project_id, revision(base), revision(head), ask)


async def patch_id(depot: Depot, project_id: int, base: str, head: str) -> str:
    """An id of the change itself: equal after a rebase that changes nothing, different after any real change (modes,
    binary files, and spaces too: they are what a Python file means by a block). Empty when nothing differs."""
    bare = depot.bare(project_id)

    async def ask(base: str, head: str) -> str:
        args = ("diff-tree", "-r", "--no-ext-diff", "--no-textconv", "--no-renames", "--full-index", "-p", base, head)
        patch = await depot.git.run(bare, *args)
        return (await depot.git.run(bare, "patch-id", "--verbatim", stdin=patch.stdout)).text.partition(" ")[0]

    return await depot.fact("patch", project_id, revision(base), revision(head), ask)


async def merge_base(depot: Depot, project_id: int, one: str, other: str) -> str:
    """The best common ancestor. Raises RevisionMissing when there is none."""
    pair = (revision(one), revision(other))
    output = await depot.git.run(depot.bare(project_id), "merge-base", *pair, ok=(0, 1))
    if output.code:
        raise RevisionMissing(f"{one} and {other} have no common history.", "Rebase one of them onto the other.")
    return output.text


async def log(
    depot: Depot, project_id: int, head: str, count: int = 20, without: str | None = None
) -> tuple[LogEntry, ...]:
    """The newest `count` commits reachable from `head`, a commit id or a branch of the mirror; but not those that
    `without` has too."""
    form = "%H%x00%P%x00%cI%x00%an%x00%s%x00%(trailers:only,unfold)%x00"
    wanted = [revision(head), *([f"^{revision(without)}"] if without is not None else [])]
    output = await depot.git.run(depot.bare(project_id), "log", f"-{count}", f"--format={form}", *wanted)
    fields = output.stdout.decode("utf-8", "replace").split("\0")
    return tuple(_entry(fields[i : i + 6]) for i in range(0, len(fields) - 6, 6))


def _entry(fields: list[str]) -> LogEntry:
    sha, parents, at, author, subject, tail = fields
    pairs = (line.partition(": ") for line in tail.splitlines() if ": " in line)
    trailers = tuple((key, value) for key, _, value in pairs)
    return LogEntry(sha.strip(), tuple(parents.split()), datetime.fromisoformat(at), author, subject, trailers)


def _files(raw: bytes) -> Iterator[FileChange]:
    """From `--raw --numstat -z`: all raw records (`:modes ids S`, path, for renames two), then all counts."""
    fields = iter(raw.decode("utf-8", "replace").split("\0"))
    changes: dict[str, tuple[str | None, str]] = {}
    for field in fields:
        if field.startswith(":"):
            letter = field.rsplit(" ", 1)[1][0]
            first = next(fields)
            old, path = (first, next(fields)) if letter in "RC" else (None, first)
            changes[path] = (old, STATUSES.get(letter, "modified"))
        elif field:
            added, removed, path = field.split("\t", 2)
            if not path:  # a rename's two names follow
                next(fields)
                path = next(fields)
            old, status = changes[path]
            binary = added == "-"
            yield FileChange(path, old, status, 0 if binary else int(added), 0 if binary else int(removed), binary)


async def texts(depot: Depot, project_id: int, head: str, paths: Sequence[str], limit: int) -> dict[str, str | None]:
    """Each path's text in the commit; None where it is not there, is no file, or is larger than `limit` bytes."""
    asked = tuple(path for path in paths if "\n" not in path)
    if not asked:
        return dict.fromkeys(paths)
    stdin = "".join(f"{revision(head)}:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
    said = (await depot.git.run(depot.bare(project_id), "cat-file", "--batch", stdin=stdin)).stdout
    found: dict[str, str | None] = dict.fromkeys(paths)
    place = 0
    for path in asked:
        end = said.index(b"\n", place)
        about, place = said[place:end].split(b" "), end + 1
        if about[-1] == b"missing" or len(about) != 3 or not about[2].isdigit():
            continue
        size = int(about[2])
        if about[1] == b"blob" and size <= limit:
            found[path] = said[place : place + size].decode("utf-8", "replace")
        place += size + 1
    return found
