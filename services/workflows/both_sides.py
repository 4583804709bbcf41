"""Both sides of a file that conflicts, in the words of a finding: for the next prompt, and for the person."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.repos.carry_over import Conflict

MOST_CHARACTERS = 5_000  # of one file's sides, so that the rest of the prompt keeps its place
MOST_HUNKS = 8
MOST_KEPT = 40_000  # characters of all files' sides together; all files are named
CUT = "\n… (cut)"


def sides_of(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """`{path, binary, hunks}` of each, with the whole `target` and `branch` in place of hunks where there are none; as
    many as are worth keeping in a row."""
    kept: list[dict[str, Any]] = []
    room = MOST_KEPT
    for one in conflicts:
        told: dict[str, Any] = {"path": one.path, "binary": one.binary}
        told |= {"hunks": [asdict(hunk) for hunk in one.hunks]} if one.hunks else _whole(one)
        room -= len(str(told))
        if room < 0:
            break
        kept.append(told)
    return kept


def _whole(one: Conflict) -> dict[str, Any]:
    return {"target": one.target, "branch": one.branch}


def told_of(path: str, conflict: dict[str, Any] | None, *, kept: str | None, old: str | None) -> str:
    """`conflict` is one of `sides_of`, None where they were too many; `kept` is the new branch that has the rest of
    the work, `old` the branch that has all of it."""
    if kept:
        first = f"The main branch and this task both changed {path}. The branch now has the main branch's {path}, and "
        first += "the rest of this task's work. Put this task's change into it again, so that both hold."
    else:
        first = f"The main branch and this task both changed {path}. The work begins anew from the main branch"
        first += f"; all of what was done is on {old}." if old else "."
    if conflict is None:
        return first
    if conflict.get("binary"):
        return f"{first}\nIt is a binary file: only one side can stay."
    return "\n".join([first, *_sides(conflict)])


def _sides(conflict: dict[str, Any]) -> list[str]:
    hunks: list[dict[str, Any]] = conflict.get("hunks") or []
    if not hunks:
        pair = (conflict.get("target"), conflict.get("branch"))
        return _pair("", *pair, MOST_CHARACTERS // 2)
    most = MOST_CHARACTERS // (2 * min(len(hunks), MOST_HUNKS))
    told: list[str] = []
    for hunk in hunks[:MOST_HUNKS]:
        told += _pair(f" at line {hunk['line']}", hunk["target"], hunk["branch"], most)
    if len(hunks) > MOST_HUNKS:
        told.append(f"… and {len(hunks) - MOST_HUNKS} more places.")
    return told


def _pair(where: str, target: str | None, branch: str | None, most: int) -> list[str]:
    return [
        f"The main branch has{where}:",
        _fenced(target, "(it deleted the file)", most),
        f"This task had{where}:",
        _fenced(branch, "(it deleted the file)", most),
    ]


def _fenced(text: str | None, instead: str, most: int) -> str:
    if text is None:
        return instead
    if not text:
        return "(nothing)"
    return "```\n" + (text if len(text) <= most else text[:most] + CUT) + "\n```"
