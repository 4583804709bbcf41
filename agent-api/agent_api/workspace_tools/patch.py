"""Apply a unified diff. unidiff parses it; a hunk is found by its lines, because models miscount."""

import asyncio
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchedFile, PatchSet

from agent_api.confine import Workspace
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.workspace_tools.edit import diff_of, read_text, write_text
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.text import Encoding, lines_of

_HUNK = re.compile(r"@@(?: -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@|.*@@|$)")
_NOT_OURS = re.compile(r"^(rename from|copy from|GIT binary patch|Binary files) ?", re.MULTILINE)
_AGAIN = "Read the file again and copy the lines around the change exactly."


class PatchResult(BaseModel):
    """The files by what happened to them, the change as it was made, and hunks that lay elsewhere than they said."""

    model_config = ConfigDict(frozen=True)

    changed: tuple[str, ...]
    created: tuple[str, ...]
    deleted: tuple[str, ...]
    diff: str
    notes: tuple[str, ...] = ()


class _Change(BaseModel):
    path: str
    before: str | None
    after: str | None
    codec: str
    mark: bytes


async def patch(
    workspace: Path, diff: str, *, readable: tuple[str, ...] = (), limits: ToolLimits = ToolLimits()
) -> PatchResult:
    """Apply all of `diff`, or nothing of it: changed, new and deleted text files.

    Line numbers and counts need not be right where the lines around a change occur once. Raises OutsideWorkspace, and
    ToolRefused for what is no diff, does not fit, or renames, copies or is binary.
    """
    return await asyncio.to_thread(_patch, workspace, diff, readable, limits)


def _patch(workspace: Path, diff: str, readable: tuple[str, ...], limits: ToolLimits) -> PatchResult:
    if strange := _NOT_OURS.search(diff):
        raise ToolRefused(f"A diff with {strange[1]!r} is not applied.", "Change text only; use bash to move files.")
    try:
        files = PatchSet(_recounted(diff))
    except UnidiffParseError as error:
        raise ToolRefused(f"This is no unified diff: {error}.", "Begin with --- a/path, +++ b/path and @@.") from error
    if not files or not any(len(file) for file in files):
        raise ToolRefused("This is no unified diff: it has no hunk.", "Begin with --- a/path, +++ b/path and @@.")
    notes: list[str] = []
    with Workspace(workspace, readable=readable) as inside:
        changes = [_change(inside, file, limits, notes) for file in files]
        if len({change.path for change in changes}) < len(changes):
            raise ToolRefused("The diff names a file twice.", "Put all its hunks under one header.")
        _write_all(inside, changes, limits)
    return PatchResult(
        changed=tuple(c.path for c in changes if c.before is not None and c.after is not None),
        created=tuple(c.path for c in changes if c.before is None),
        deleted=tuple(c.path for c in changes if c.after is None),
        diff="".join(diff_of(c.path, c.before, c.after) for c in changes),
        notes=tuple(notes),
    )


def _recounted(diff: str) -> str:
    """The diff with each hunk's counts as its lines say; an empty line inside a hunk is an empty line of context."""
    lines = [_bare(line) for line in lines_of(diff)]
    out: list[str] = []
    at = 0
    while at < len(lines):
        head = _HUNK.match(lines[at])
        if head is None:
            out.append(lines[at])
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not _ends_hunk(lines, end):
            end += 1
        body = [line or " " for line in lines[at + 1 : end]]
        while body and body[-1] == " " and (end == len(lines) or lines[end].startswith(("diff ", "--- "))):
            body.pop()  # an empty line between files, or at the end, is none of the file's
        old, new = (sum(line[0] in kinds for line in body) for kinds in (" -", " +"))
        out += [f"@@ -{head[1] or 1},{old} +{head[2] or 1},{new} @@", *body]
        at = end
    return "\n".join(out) + "\n"


def _ends_hunk(lines: list[str], at: int) -> bool:
    line = lines[at]
    if line.startswith("--- "):
        return at + 1 < len(lines) and lines[at + 1].startswith("+++ ")
    return bool(line) and line[0] not in " +-\\"


def _change(inside: Workspace, file: PatchedFile, limits: ToolLimits, notes: list[str]) -> _Change:
    path = str(file.path)
    if file.is_added_file:
        if inside.exists(path):
            raise ToolRefused(f"{path} is there already.", "Give its lines as context, or write it whole.")
        text = "".join(str(line.value) for hunk in file for line in hunk if line.is_added)
        ends = not any(line.line_type == "\\" for hunk in file for line in hunk)
        return _Change(path=path, before=None, after=text if ends else text.rstrip("\n"), codec="utf-8", mark=b"")
    before, encoding = read_text(inside, path, limits)
    lines = lines_of(before)
    moved = 0
    for number, hunk in enumerate(file, 1):
        lines, moved = _applied(lines, hunk, moved, f"Hunk {number} of {path}", notes)
    after = "".join(lines)
    return _Change(path=path, before=before, after=None if file.is_removed_file and not after else after,
                   codec=encoding.codec, mark=encoding.mark)  # fmt: skip


def _applied(lines: list[str], hunk: Hunk, moved: int, name: str, notes: list[str]) -> tuple[list[str], int]:
    """The lines with the hunk in them, and by how much later hunks are moved from where they say."""
    body = [line for line in hunk if line.line_type in (" ", "-", "+")]
    old = [_bare(str(line.value)) for line in body if line.line_type != "+"]
    said = int(hunk.source_start) - (1 if old else 0) + moved
    at = _place([_bare(line) for line in lines], old, said, name)
    if at != said:
        notes.append(f"{name} was found at line {at + 1}, not {said + 1}.")
    ending = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    made: list[str] = []
    here = at
    for line in body:
        if line.line_type == "+":
            made.append(_bare(str(line.value)) + ending)
        else:
            made += [lines[here]] if line.line_type == " " else []  # as it stands, its end of line too
            here += 1
    no_newline = [i for i, line in enumerate(hunk) if line.line_type == "\\"]
    if made and here == len(lines) and no_newline and list(hunk)[no_newline[-1] - 1].line_type != "-":
        made[-1] = _bare(made[-1])
    if at == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    return lines[:at] + made + lines[here:], moved + (at - said) + len(made) - (here - at)


def _place(lines: list[str], old: list[str], said: int, name: str) -> int:
    """Where `old` stands: at `said` (from 0), else the only place it does. Raises ToolRefused."""
    if not old:
        return min(max(said, 0), len(lines))
    if said >= 0 and lines[said : said + len(old)] == old:
        return said
    places = [at for at in range(len(lines) - len(old) + 1) if lines[at] == old[0] and lines[at : at + len(old)] == old]
    if not places:
        raise ToolRefused(f"{name} does not fit: its lines do not stand there like this.", _AGAIN)
    if len(places) > 1:
        raise ToolRefused(f"{name} fits in {len(places)} places.", "Give more lines around the change.")
    return places[0]


def _write_all(inside: Workspace, changes: list[_Change], limits: ToolLimits) -> None:
    """Write every file; when one cannot be written, those before it are put back."""
    done: list[_Change] = []
    try:
        for change in changes:
            _write(inside, change.path, change.after, change, limits)
            done.append(change)
    except (ToolRefused, OutsideWorkspace):
        for change in done:
            _write(inside, change.path, change.before, change, limits)
        raise


def _write(inside: Workspace, path: str, text: str | None, change: _Change, limits: ToolLimits) -> None:
    if text is None:
        inside.remove_file(path)
    else:
        write_text(inside, path, text, Encoding(change.codec, change.mark), limits)


def _bare(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
