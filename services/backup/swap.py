"""Exchange the hub's parts for others, all or none: renames, written down first, so that a crash can be finished."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

JOURNAL = "restore-in-progress.json"


@dataclass(frozen=True)
class Move:
    """`place` goes to `aside` ("": it is overwritten), `new` comes in its place ("": nothing does). Absolute paths;
    each pair on one disk."""

    place: str
    new: str = ""
    aside: str = ""


def exchange(backups: Path, moves: Sequence[Move]) -> None:
    """Does all moves. One that fails, or is interrupted, undoes those before it, and is raised again."""
    journal = backups / JOURNAL
    fresh = journal.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump([asdict(move) for move in moves], file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(journal)
    done: list[Move] = []
    try:
        for move in moves:
            done.append(move)
            _do(move)
    except BaseException:
        for move in reversed(done):
            _undo(move)
        journal.unlink()
        raise
    journal.unlink()


def finish_interrupted(backups: Path) -> bool:
    """Goes on where a killed exchange stopped: what it brings in was whole and checked before the first move."""
    journal = backups / JOURNAL
    if not journal.exists():
        return False
    for values in json.loads(journal.read_text(encoding="utf-8")):
        _do(Move(**values))
    journal.unlink()
    return True


def _do(move: Move) -> None:
    place, new, aside = Path(move.place), Path(move.new), Path(move.aside)
    if move.new and not new.exists():
        return  # done before
    if move.aside and place.exists() and not aside.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        place.rename(aside)
    if move.new:
        place.parent.mkdir(parents=True, exist_ok=True)
        new.replace(place)


def _undo(move: Move) -> None:
    place, new, aside = Path(move.place), Path(move.new), Path(move.aside)
    if move.new and not new.exists() and place.exists():
        place.rename(new)
    if move.aside and aside.exists() and not place.exists():
        aside.rename(place)
