"""A workflow's versions: a new text makes the next one, and nothing that is kept ever changes."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import made
from services.domain.errors import Conflict, NotFound
from services.events import log
from services.roles.definition import read_definition
from services.store.models import Project, Role, WorkflowRow


@dataclass(frozen=True)
class Put:
    """`new` is False where the newest version has this very text already."""

    row: WorkflowRow
    new: bool


async def put_shipped(session: AsyncSession, source: str, file: str) -> None:
    """A text that comes with the hub: each of its versions is put once, and none over what the owner imported."""
    digest = digest_of(source)
    if await session.scalar(sa.select(WorkflowRow.id).where(WorkflowRow.sha256 == digest).limit(1)) is not None:
        return
    workflow = read_definition(source, file)
    newest = await _newest(session, workflow.name)
    if newest is None or newest.origin == "shipped":
        await _add(session, source, workflow.name, newest, origin="shipped", file=file)


async def put_text(
    session: AsyncSession,
    source: str,
    file: str,
    *,
    actor: str,
    project: Project | None = None,
    based_on: int | None = None,
) -> Put:
    """The text as the next version of its name, or of `name@KEY`, which is the project's alone. Nobody uses it by that:
    a project is given a workflow by its owner. `based_on` is the version that the text was written from, 0 for none.

    Raises WorkflowInvalid, and Conflict where the newest version is another one.
    """
    workflow = read_definition(source, file, await role_names(session))
    await log.lock(session)  # two imports of one name make two versions
    name = f"{workflow.name}@{project.key}" if project else workflow.name
    newest = await _newest(session, name)
    if newest is not None and newest.sha256 == digest_of(source):
        return Put(newest, False)
    _check_base(name, newest, based_on)
    row = await _add(
        session, source, name, newest, origin="imported", file=file, project_id=project.id if project else None
    )
    await log.append(
        session, "workflow.imported", actor=actor, project_id=row.project_id, workflow=name, version=row.version,
        sha256=row.sha256, **made(version=row.version, sha256=row.sha256),
    )  # fmt: skip
    return Put(row, True)


def _check_base(name: str, newest: WorkflowRow | None, based_on: int | None) -> None:
    at = newest.version if newest else 0
    if based_on in (None, at):
        return
    raise Conflict(
        f"{name} is at version {at} by now, and this text was written from version {based_on}."
        if based_on
        else f"There is a workflow {name} already, in version {at}.",
        "Compare the two, and save again from the newest one."
        if based_on
        else "Edit that one, or choose another name.",
        current={"version": at, "source": newest.source if newest else ""},
    )


async def role_names(session: AsyncSession) -> frozenset[str]:
    return frozenset((await session.scalars(sa.select(Role.name).where(Role.active))).all())


async def version_of(session: AsyncSession, name: str, version: int | None = None) -> WorkflowRow:
    """That version, or the newest. Raises NotFound, naming what there is."""
    if version is None:
        row = await _newest(session, name)
    else:
        query = sa.select(WorkflowRow).where(WorkflowRow.name == name, WorkflowRow.version == version)
        row = await session.scalar(query)
    if row is not None:
        return row
    known = await versions_of(session, name)
    if known:
        numbers = ", ".join(str(one.version) for one in known)
        raise NotFound(f"The workflow {name} has no version {version}.", f"There are: {numbers}.")
    names = (await session.scalars(sa.select(WorkflowRow.name).distinct())).all()
    raise NotFound(f"There is no workflow named {name}.", f"Choose one of: {', '.join(sorted(names))}.")


async def versions_of(session: AsyncSession, name: str) -> Sequence[WorkflowRow]:
    """The oldest first."""
    query = sa.select(WorkflowRow).where(WorkflowRow.name == name).order_by(WorkflowRow.version)
    return (await session.scalars(query)).all()


def difference(old: WorkflowRow, new: WorkflowRow) -> str:
    """A unified diff of the two texts; empty where they are the same."""
    before, after = (row.source.splitlines(keepends=True) for row in (old, new))
    names = [f"{row.name} version {row.version}" for row in (old, new)]
    lines = difflib.unified_diff(before, after, names[0], names[1])
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def digest_of(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


async def _newest(session: AsyncSession, name: str) -> WorkflowRow | None:
    query = sa.select(WorkflowRow).where(WorkflowRow.name == name).order_by(WorkflowRow.version.desc())
    return await session.scalar(query.limit(1))


async def _add(
    session: AsyncSession,
    source: str,
    name: str,
    newest: WorkflowRow | None,
    *,
    origin: str,
    file: str,
    project_id: int | None = None,
) -> WorkflowRow:
    row = WorkflowRow(
        name=name,
        version=newest.version + 1 if newest else 1,
        source=source,
        sha256=digest_of(source),
        definition=read_definition(source, file).model_dump(mode="json"),
        origin=origin,
        project_id=project_id,
        file=file,
    )
    session.add(row)
    await session.flush()
    return row
