"""An approval that never happens: a process's first one takes twice the time of its second, so this is the first.

What SQLAlchemy makes of a statement it makes once, when the statement first runs.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import HubError
from services.domain.states import PlanState, RequestState
from services.plans.decide import approve
from services.plans.drafts import CriterionDraft, PlanDraft, TaskDraft
from services.roles.read import newest_workflow
from services.roles.seed import seed
from services.store.database import Database
from services.store.models import Plan, Project, Request, WorkflowRow

log = structlog.get_logger()
_CRITERIA = [CriterionDraft(text="It is there.", check="tests/test_it.py::test_it")]
_DRAFT = PlanDraft(
    summary="Two tasks.",
    tasks=[
        TaskDraft(id="a", title="First", description="", criteria=_CRITERIA),
        TaskDraft(id="b", title="Second", description="", criteria=_CRITERIA, depends_on=["a"]),
    ],
)


class _TakenBack(Exception):
    """Ends the transaction without a trace."""


async def rehearse(db: Database, then: Callable[[AsyncSession], Awaitable[object]] | None = None) -> None:
    """Approves a plan of a project, both made for it, does `then` in the same transaction, and takes all of it back.

    On SQLite only: PostgreSQL gives ids out for good, also to what is taken back. What goes wrong in it is logged.
    """
    if not db.is_sqlite:
        return
    try:
        with suppress(_TakenBack):
            async with db.write() as session:
                plan = await _plan(session)
                await approve(session, plan.id, actor="hub")
                await session.flush()
                if then is not None:
                    await then(session)
                raise _TakenBack
    except (HubError, SQLAlchemyError) as error:
        log.warning("rehearsal.failed", error=str(error)[:300])


async def _plan(session: AsyncSession) -> Plan:
    if await session.scalar(sa.select(WorkflowRow.id).limit(1)) is None:
        await seed(session)  # in a new hub the orchestrator may be up before main-api has put them in
    workflow = await newest_workflow(session, "software")
    name = f"rehearsal-{uuid4().hex}"
    project = Project(name=name, key=name, workspace_path=f"/{name}", workflow_id=workflow.id)
    session.add(project)
    await session.flush()
    request = Request(project_id=project.id, text="Two tasks.", state=RequestState.PLANNED)
    session.add(request)
    await session.flush()
    body = _DRAFT.model_dump(mode="json")
    plan = Plan(
        project_id=project.id, request_id=request.id, state=PlanState.WAITING, summary=_DRAFT.summary, body=body
    )
    session.add(plan)
    await session.flush()
    return plan
