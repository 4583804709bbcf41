"""A person's word on a request that has no plan yet: ask again, or drop it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import changed
from services.domain.errors import Conflict, NotFound
from services.domain.states import LIVE_RUN, REQUEST, RequestState
from services.events import log
from services.plans.replan import release_rest, replaced_by
from services.store.models import Request, Run
from services.tasks.stop import stop_run


async def ask_again(session: AsyncSession, request_id: int, actor: str) -> Request:
    """A request whose planning failed or was stopped is planned anew. Raises Conflict for any other."""
    request = await _held(session, request_id)
    if request.state != RequestState.FAILED:
        raise Conflict(f"This request is {request.state}.", "Only one whose planning failed is asked again.")
    await _become(session, request, RequestState.NEW, actor)
    return request


async def drop(session: AsyncSession, request_id: int, actor: str) -> Request:
    """Nobody plans it any more; a run that does is stopped. Said twice, it counts once."""
    request = await _held(session, request_id)
    if request.state == RequestState.CLOSED:
        return request
    if request.state == RequestState.PLANNED:
        raise Conflict("This request has a plan.", "Reject the plan with POST /plans/{id}/reject, which closes it.")
    if (replaced := await replaced_by(session, request.id)) is not None:
        await release_rest(session, replaced.id, actor=actor)
    query = sa.select(Run).where(Run.request_id == request.id, Run.state.in_(LIVE_RUN))
    for run in (await session.scalars(query)).all():
        await stop_run(session, run, actor=actor, why="Its request was dropped.")
    await _become(session, request, RequestState.CLOSED, actor)
    return request


async def _held(session: AsyncSession, request_id: int) -> Request:
    await log.lock(session)
    request = await session.get(Request, request_id)
    if request is None:
        raise NotFound(f"There is no request with id {request_id}.", "List them with GET /requests.")
    await session.refresh(request, with_for_update=True)
    return request


async def _become(session: AsyncSession, request: Request, state: RequestState, actor: str) -> None:
    was, request.state = request.state, REQUEST.check(RequestState(request.state), state)
    request.sentence, request.version = "", request.version + 1
    await log.append(
        session, f"request.{state}", actor=actor, project_id=request.project_id, request_id=request.id,
        **changed(state=(was, state)),
    )  # fmt: skip
    await session.flush()
