"""Text search over HTTP."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from main_api.deps import ReadSession
from main_api.errors import documented
from main_api.reads.paging import NEXT
from main_api.refusals import CursorRefused
from main_api.schemas.search import HitOut, PieceOut
from main_api.schemas.shape import Id
from services.projects.edit import get_project
from services.search.find import CANDIDATES, LONGEST_QUERY, PLACES, Hit, search

router = APIRouter(prefix="/search", tags=["search"])
FARTHEST = len(PLACES) * CANDIDATES  # more hits are not ranked
_CURSOR = re.compile(r"best-([0-9]{1,5})")  # hits have no value to page by but their place
Typed = Annotated[
    str, Query(max_length=LONGEST_QUERY, description="Words, a task's key, or any text", examples=["refund"])
]
_HEADERS = {
    NEXT: {"schema": {"type": "string"}, "description": "Send it as `cursor` for the next page; absent on the last"},
    "Link": {"schema": {"type": "string"}, "description": 'The next page\'s address, rel="next"; absent on the last'},
}


@router.get(
    "", summary="Find tasks and comments by their words, the best first",
    responses={200: {"description": "A page of hits", "headers": _HEADERS}, **documented(400, 404)},
)  # fmt: skip
async def find(
    request: Request,
    response: Response,
    session: ReadSession,
    q: Typed,
    project_id: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=100, description="X-Next-Cursor of the page before")] = None,
) -> list[HitOut]:
    """In titles, descriptions and comments; all words must be there, each may be cut short. Anything may be typed."""
    if project_id is not None:
        await get_project(session, project_id)
    skip = _place(cursor) if cursor is not None else 0
    hits = await search(session, q, project_id=project_id, limit=limit + 1, skip=skip)
    if len(hits) > limit and skip + limit <= FARTHEST:
        response.headers[NEXT] = following = f"best-{skip + limit}"
        url = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return [_shown(hit) for hit in hits[:limit]]


def _place(cursor: str) -> int:
    found = _CURSOR.fullmatch(cursor)
    if found is None or int(found[1]) > FARTHEST:
        raise CursorRefused(
            "This cursor can't be read.", "Send X-Next-Cursor as it came, or start again without a cursor."
        )
    return int(found[1])


def _shown(hit: Hit) -> HitOut:
    task, comment = hit.task, hit.comment
    return HitOut(
        kind=hit.kind, project_id=task.project_id, task_id=task.id, key=task.key, title=task.title, stage=task.stage,
        state=task.state, comment_id=comment.id if comment else None, author=comment.author if comment else None,
        at=comment.created_at if comment else task.created_at,
        snippet=[PieceOut.model_validate(piece) for piece in hit.snippet],
    )  # fmt: skip
