"""Exchange the hub's parts for others, all or none: renames, written down first, so that a crash can be finished."""

import json
import os
from collections.abc import Callable, Sequence
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


def _nothing() -> None: ...


def exchange(
    backups: Path,
    moves: Sequence[Move],
    mark: str = "",
    commit: Callable[[], None] = _nothing,
    settle: Callable[[], None] = _nothing,
) -> None:
    """Writes the moves down, has rows committed, does all moves, then `settle`. A move that fails undoes those before
    it, and its fault is raised again; so does an interruption, where there are no rows.

    `mark` is what the rows are known by: with it, what is interrupted or fails in `commit` stays written down, for
    `finish_interrupted` to end as the database did. So does what is interrupted in `settle`, which may be done again.
    """
    journal = backups / JOURNAL
    fresh = journal.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"mark": mark, "moves": [asdict(move) for move in moves]}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(journal)
    commit()
    done: list[Move] = []
    try:
        for move in moves:
            done.append(move)
            _do(move)
    except BaseException as error:
        if mark and not isinstance(error, Exception):
            raise  # the rows are there: there is only the way on
        for move in reversed(done):
            _undo(move)
        journal.unlink()
        raise
    settle()
    journal.unlink()


def is_interrupted(backups: Path) -> bool:
    """Whether `finish_interrupted` has something to end."""
    return (backups / JOURNAL).exists()


def finish_interrupted(backups: Path, took_rows: Callable[[str], bool], settle: Callable[[], None] = _nothing) -> bool:
    """Goes on where a killed exchange stopped: what it brings in was whole and checked before the first move.

    `took_rows` says of a mark whether the database has its rows. False where it has not: then nothing was moved.
    """
    journal = backups / JOURNAL
    told = json.loads(journal.read_text(encoding="utf-8"))
    if isinstance(told, list):  # as versions wrote it that had no mark
        told = {"mark": "", "moves": told}
    finished = not told["mark"] or took_rows(told["mark"])
    if finished:
        for values in told["moves"]:
            _do(Move(**values))
        settle()
    journal.unlink()
    return finished


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
