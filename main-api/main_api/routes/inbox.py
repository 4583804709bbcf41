"""The inbox over HTTP: what waits, and a person's word on several at once."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json
from sqlalchemy.exc import OperationalError

from main_api.deps import OWNER, Hub
from main_api.errors import documented, of_database, problem_body, status_of
from main_api.hub import HubParts
from main_api.reads.change import starting_change
from main_api.reads.inbox import read_inbox
from main_api.schemas.inbox import DecidedOut, DecisionIn, DecisionsIn, DecisionsOut, InboxOut
from main_api.schemas.shape import Id
from services.domain.errors import HubError
from services.inbox.decide import Word, decide
from services.inbox.names import Name, read_name

router = APIRouter(prefix="/inbox", tags=["inbox"])


@router.get("", summary="All that waits for a person", responses=documented(), response_model=InboxOut)
async def inbox(hub: Hub, project_id: Id | None = None, limit: Annotated[int, Query(ge=1, le=2000)] = 200) -> Response:
    """What has held up most work for longest comes first, each with what waits behind it. Of one project, or of all."""
    async with hub.db.read() as session:
        content = await read_inbox(session, project_id, hub.settings.budgets, limit)
    return Response(to_json(content), media_type="application/json")


@router.post("/decisions", summary="Decide on several at once", responses=documented())
async def decide_several(hub: Hub, body: DecisionsIn) -> DecisionsOut:
    """In their order, each on its own: what one refuses does not keep the others. Said twice, a decision counts once;
    where somebody was quicker the result says who and when (`already_decided`), and where it is about something else by
    now nothing is decided (`change_moved`, `conflict`)."""
    results = [await _decided(hub, one) for one in body.decisions]
    done = sum(one.done for one in results)
    return DecisionsOut(done=done, refused=len(results) - done, results=results)


async def _decided(hub: HubParts, said: DecisionIn) -> DecidedOut:
    try:
        word = await _word(hub, said, read_name(said.item))
        async with hub.db.write() as session:
            state = await decide(session, word, OWNER)
    except HubError as error:
        return _refused(said, error)
    except OperationalError as error:
        return _refused(said, of_database(error))
    return DecidedOut(item=said.item, decision=said.decision, done=True, state=state, problem=None)


async def _word(hub: HubParts, said: DecisionIn, name: Name) -> Word:
    """With what it needs to know of git, which is asked while no transaction is open."""
    runs = (name.kind, said.decision) == ("task", "run")
    change = await starting_change(hub.db, hub.repos, name.number, None) if runs else None
    told = said.model_dump(exclude={"item"})
    return Word(
        name, change=change, budgets=hub.settings.budgets, plan_limits=hub.settings.plan_limits, **told
    )  # fmt: skip


def _refused(said: DecisionIn, error: HubError) -> DecidedOut:
    problem = problem_body(error.code, status_of(error.code), error.sentence, error.way_out, **error.data)
    return DecidedOut(item=said.item, decision=said.decision, done=False, state="", problem=problem)
