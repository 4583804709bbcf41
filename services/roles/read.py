"""Read the workflow a task follows, and the active configuration of a role."""

import weakref
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.errors import NotFound
from services.domain.workflow import Workflow
from services.roles.versions import version_of
from services.store.models import Role, WorkflowRow
from services.store.plain import Statement, run_in
from services.store.session import Select

_DIGEST = Statement(sa.select(WorkflowRow.sha256).where(WorkflowRow.id == sa.bindparam("workflow_id")))
_ACTIVE = Select(
    Role,
    lambda rows: rows.where(Role.name == sa.bindparam("name"), Role.active).order_by(Role.version.desc()).limit(1),
)
_parsed: dict[str, Workflow] = {}
_digests: "weakref.WeakKeyDictionary[sa.Engine, dict[int, str]]" = weakref.WeakKeyDictionary()


async def workflow_by_id(session: AsyncSession, workflow_id: int) -> Workflow:
    """The checked definition. A text never changes, so a parsed one is kept by its hash."""
    digest = await _digest_of(session, workflow_id)
    if digest not in _parsed:
        _parsed[digest] = Workflow.model_validate((await session.get_one(WorkflowRow, workflow_id)).definition)
    return _parsed[digest]


async def _digest_of(session: AsyncSession, workflow_id: int) -> str:
    rows = await run_in(session, _DIGEST, {"workflow_id": workflow_id})
    if not rows:
        raise NotFound(f"There is no workflow with id {workflow_id}.")
    return rows[0][0]


async def workflows_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, Workflow]:
    """Several of them, by id. Which text a row holds never changes, so that is asked for once by each program."""
    digests = _digests.setdefault(session.get_bind().engine, {})
    found: dict[int, Workflow] = {}
    for number in ids:
        known = _parsed.get(digests.get(number, ""))
        if known is None:
            known = await workflow_by_id(session, number)
            digests[number] = await _digest_of(session, number)
        found[number] = known
    return found


async def newest_workflow(session: AsyncSession, name: str) -> WorkflowRow:
    """Raises NotFound, naming those there are."""
    return await version_of(session, name)


async def active_role(session: AsyncSession, name: str) -> Role:
    role = await _ACTIVE.first(session, name=name)
    if role is None:
        raise NotFound(f"There is no role named {name}.")
    return role
