"""What became of a person's comments: whether the lines they are about are others after the next round.

Git measures it, nobody claims it: a line that was changed may still not be what the person meant, so they see both and
decide; a finding that is called fixed can be opened again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.domain.states import FINDING, FindingState
from services.events import log
from services.repos.repos import Repos
from services.reviews.comments import FILE_BYTES, SENT
from services.reviews.places import lines_of, where_now
from services.store.models import Finding, ReviewComment, Run, Task


@dataclass(frozen=True)
class Place:
    """`line` is where the first of a comment's lines stands, None where they are not as they were."""

    line: int | None
    changed: bool
    gone: bool


@dataclass(frozen=True)
class Looked:
    """A finding and whether its lines were changed; `sentence` says it."""

    finding_id: int
    changed: bool
    sentence: str


async def open_comments(session: AsyncSession, task_id: int) -> Sequence[ReviewComment]:
    """Sent ones whose finding is open."""
    query = (
        sa.select(ReviewComment)
        .join(Finding, Finding.id == ReviewComment.finding_id)
        .where(ReviewComment.task_id == task_id, ReviewComment.state == SENT, Finding.state == FindingState.OPEN)
    )
    return (await session.scalars(query.order_by(ReviewComment.id))).all()


async def places_of(repos: Repos, project_id: int, rows: Iterable[ReviewComment], head: str) -> dict[int, Place]:
    """By comment, how its lines stand in `head`. Runs git: hold no transaction."""
    rows = list(rows)
    paths = sorted({row.path for row in rows})
    texts: dict[tuple[str, str], str | None] = {}
    for sha in dict.fromkeys([head, *(row.head_sha for row in rows)]) if paths else ():
        try:
            found = await repos.texts(project_id, sha, paths, FILE_BYTES)
        except HubError:  # swept, as long ago: nothing is known of it any more
            found = dict.fromkeys(paths)
        texts |= {(sha, path): text for path, text in found.items()}
    return {row.id: _place(row, texts[row.head_sha, row.path], texts[head, row.path]) for row in rows}


async def look(repos: Repos, project_id: int, rows: Sequence[ReviewComment], head: str, round: int) -> list[Looked]:
    """Of the lines of each comment after a run that left `head`. Runs git."""
    places = await places_of(repos, project_id, rows, head)
    looked = list[Looked]()
    for row in rows:
        place = places[row.id]
        if place.gone:
            sentence = f"{row.path} is not there any more since round {round}."
        elif place.changed:
            sentence = f"These lines of {row.path} were changed in round {round}, by {head[:12]}."
        else:
            sentence = f"Round {round} left these lines of {row.path} as they were."
        looked.append(Looked(row.finding_id or 0, place.changed, sentence))
    return looked


async def note(session: AsyncSession, run: Run, task: Task, looked: Sequence[Looked]) -> None:
    """Keeps it with the findings, in the transaction in which the run ends."""
    for one in looked:
        row = await session.get(Finding, one.finding_id)
        if row is None or row.state != FindingState.OPEN:
            continue
        row.note, row.last_round = one.sentence, task.round
        if one.changed:
            row.state, row.fixed_run_id = FINDING.check(FindingState.OPEN, FindingState.FIXED), run.id
            about = {"finding_id": row.id, "finding": row.title, "severity": row.severity, "on_base": False}
            await log.of_task(session, "finding.fixed", task, actor=run.role or "hub", run_id=run.id, **about)


def _place(row: ReviewComment, then: str | None, at_head: str | None) -> Place:
    """A comment on what was before the change has no lines in it: what counts is whether its file is another."""
    if row.side == "old":
        return Place(row.line, changed=then != at_head, gone=False)
    if at_head is None:
        return Place(None, changed=True, gone=True)
    line = where_now(lines_of(then), lines_of(at_head), row.line, row.last_line) if then is not None else None
    return Place(line, changed=line is None, gone=False)
