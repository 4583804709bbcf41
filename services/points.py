"""Places where a process says that it has come so far, so that a test can kill or stop it just there.

Silent unless WFHUB_POINTS names a folder. There each process adds a line `<point> <where> <pid>` to `reached` at every
point it comes to; and the first one that comes to a point for which a file `hold-<point>` lies there (or
`hold-<point>@<where>`) renames it to `held-<pid>` and waits until that is gone. Killed, it never does.
"""

import asyncio
import os
from enum import StrEnum
from pathlib import Path

LOOK_SECONDS = 0.005


class Point(StrEnum):
    """All there are. Each stands between an effect and the record of it, or between two steps of a story."""

    STORY_BEGUN = "story.begun"  # the engine knows of the run's workflow, nothing of it is done
    PREPARE_OPENED = "prepare.opened"  # the worktree stands and has its checkpoint, the run's row knows nothing of it
    PLAN_OPENED = "plan.opened"  # the target is checked out and the question put together, the run's row knows nothing
    ADMIT_WRITTEN = "admit.written"  # runs are admitted, in a transaction that is not committed
    ADMIT_COMMITTED = "admit.committed"  # runs are admitted and committed; nobody carries them yet
    JOB_WANTED = "job.wanted"  # a step is described; its job was not asked for
    JOB_ASKED = "job.asked"  # the agent has accepted the job, the run's row knows nothing of it
    JOB_FOLLOWED = "job.followed"  # the job is known; its events are read
    JOB_KNOWN = "job.known"  # the job is over and its result was fetched; nothing of it is kept
    CHANGE_COMMITTED = "change.committed"  # git has the change, the run's row knows nothing of it
    PROOFS_KEPT = "proofs.kept"  # the proofs' files lie in the store, no row names them
    RESULT_KEPT = "result.kept"  # the step's result is committed, the engine does not know that the step is over
    MERGE_MADE = "merge.made"  # the merge commit and its recovery ref stand; the person's branch is as it was
    MERGE_DELIVERED = "merge.delivered"  # the person's branch holds the merge, the mirror has not looked
    MERGE_DONE = "merge.done"  # the merge is over, the run's row knows nothing of it
    SETTLE_JUDGED = "settle.judged"  # the gate has spoken, nothing is written
    SETTLE_WRITTEN = "settle.written"  # the task has moved, in a transaction that is not committed
    SETTLE_COMMITTED = "settle.committed"  # the task has moved; what it made room for was not begun
    PLAN_WRITTEN = "plan.written"  # the plan stands, in a transaction that is not committed
    PLAN_COMMITTED = "plan.committed"  # the plan stands; nobody was told
    STORY_OVER = "story.over"  # all is done, the engine does not know that the story is over

    JOB_ACCEPTED = "job.accepted"  # agent-api: the job lies on disk and begins, its caller does not know
    JOB_BEGUN = "job.begun"  # agent-api: the executor is ready to work
    JOB_WORKED = "job.worked"  # agent-api: the executor is done, the result was not written
    JOB_WRITTEN = "job.written"  # agent-api: the result lies on disk, no event tells of it

    CALL_HELD = "call.held"  # gateway: the money is held, the provider was not asked
    CALL_ASKED = "call.asked"  # gateway: the provider answers, nothing is stored
    CALL_STORED = "call.stored"  # gateway: the answer is stored and paid, the caller has not got it
    CALL_DELIVERED = "call.delivered"  # gateway: the caller has the answer, the book does not know


_folder: Path | None = None


def report_to(folder: Path | None) -> None:
    """From here on this process says in `folder` where it is; None for nowhere."""
    global _folder
    _folder = folder


async def reached(point: Point, where: str = "") -> None:
    """Says so, and waits there if it is told to. `where` names the stage or the step, to tell its occurrences apart."""
    if _folder is not None:
        await _stand_at(_folder, point, where)


async def _stand_at(folder: Path, point: Point, where: str) -> None:
    with (folder / "reached").open("a", encoding="utf-8") as file:
        file.write(f"{point} {where or '-'} {os.getpid()}\n")
    held = folder / f"held-{os.getpid()}"
    for name in (f"hold-{point}", f"hold-{point}@{where}"):
        try:
            (folder / name).rename(held)  # one process gets it
        except FileNotFoundError:
            continue
        while held.exists():  # noqa: ASYNC110  (the other side is a process that may be no Python)
            await asyncio.sleep(LOOK_SECONDS)
        return
