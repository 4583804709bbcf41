"""Versions of what is set under a name: put, listed, taken back. Nothing that is kept ever changes."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.changes import between
from services.domain.errors import Conflict, NotFound
from services.events import log
from services.settings.errors import ChangeStoodOn
from services.store.models import SettingVersion

HUB = "hub"
NEVER_SET = 1
ENVIRONMENT = "(as in the environment)"
State = dict[str, Any]


async def newest(session: AsyncSession, name: str) -> SettingVersion | None:
    query = sa.select(SettingVersion).where(SettingVersion.name == name).order_by(SettingVersion.version.desc())
    return await session.scalar(query.limit(1))


async def versions_of(session: AsyncSession, name: str) -> Sequence[SettingVersion]:
    """The newest first."""
    query = sa.select(SettingVersion).where(SettingVersion.name == name).order_by(SettingVersion.version.desc())
    return (await session.scalars(query)).all()


async def put(session: AsyncSession, name: str, version: int, state: State, actor: str) -> int:
    """The state as the next version, and its number; the same state again makes none. Raises Conflict, whose data
    holds what is set now."""
    before, at = await as_read(session, name, version)
    was, is_now = _told(before, state), _told(state, before)
    fields = sorted(one for one in was if was[one] != is_now[one])
    if not fields:
        return at
    session.add(SettingVersion(name=name, version=at + 1, state=state, fields=fields, actor=actor))
    await session.flush()
    kind = "settings.changed" if name == HUB else "provider.changed"
    told = {"name": name, "version": at + 1, "fields": fields, **between(was, is_now)}
    await log.append(session, kind, actor=actor, **told)
    return at + 1


async def as_read(session: AsyncSession, name: str, version: int) -> tuple[State, int]:
    """What is set, and its version: the one that was read. Nobody changes it until the transaction ends.

    Raises Conflict.
    """
    await log.lock(session)
    row = await newest(session, name)
    before, at = (row.state, row.version) if row else ({}, NEVER_SET)
    if at != version:
        raise Conflict(
            "This was changed by somebody else since you read it.",
            "Look at what changed, and send your change with the new version.",
            current={"version": at, **before},
        )
    return before, at


def _told(state: State, other: State) -> State:
    """With what only the other says: there it is the environment's."""
    return {name: state.get(name, ENVIRONMENT) for name in state.keys() | other.keys()}


async def without(session: AsyncSession, name: str, undo: int) -> State:
    """What would be set without the changes of version `undo`: the fields that it changed as they were before it.

    Raises NotFound, and ChangeStoodOn where a later version changed one of them again.
    """
    versions = await versions_of(session, name)
    taken = next((row for row in versions if row.version == undo), None)
    if taken is None:
        raise NotFound(f"There is no version {undo} of these settings.", "Look at the list of versions.")
    if later := next((row for row in reversed(versions) if row.version > undo and _touch(row, taken)), None):
        both = ", ".join(sorted(set(later.fields) & set(taken.fields)))
        raise ChangeStoodOn(
            f"Version {undo} can't be taken back alone: version {later.version} changed {both} again.",
            f"Take version {later.version} back first, or set {both} anew.",
            by=later.version,
        )
    before = next((row.state for row in versions if row.version < undo), {})
    state = dict(versions[0].state)
    for field in taken.fields:
        state.pop(field, None)
        if field in before:
            state[field] = before[field]
    return state


def _touch(one: SettingVersion, other: SettingVersion) -> bool:
    return not set(one.fields).isdisjoint(other.fields)
