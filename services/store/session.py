"""Reads rows of a model into a session the plain way: SQLAlchemy's own takes five times as long."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.util import greenlet_spawn

from services.store.plain import Loader, Statement, run_on

M = TypeVar("M")


class _Keyed(Loader[M]):
    """Rows of a model by its key, of one column."""

    def __init__(self, model: type[M]) -> None:
        super().__init__(model)
        mapper: Any = sa.inspect(model)
        self.identity = mapper.identity_key_from_primary_key
        key = mapper.primary_key[0]
        self.select = Statement(sa.select(*self.columns).where(key == sa.bindparam("key", type_=key.type)))
        self.place = next(place for place, column in enumerate(self.columns) if column is key)
        self.is_fit = len(mapper.primary_key) == 1 and not mapper.relationships


_KEYED: dict[Any, _Keyed[Any]] = {}


class HubSession(AsyncSession):
    """`get` and `get_one` without options; all else is SQLAlchemy's."""

    async def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        keyed = _keyed(entity)
        if options or not keyed.is_fit or ident is None or isinstance(ident, (tuple, dict, list)):
            return await super().get(entity, ident, **options)
        known = self.sync_session.identity_map.get(keyed.identity((ident,)))
        if known is not None:
            return known if not sa.inspect(known).expired else await super().get(entity, ident)
        return await greenlet_spawn(_load, self.sync_session, keyed, ident)

    async def get_one(self, entity: Any, ident: Any, **options: Any) -> Any:
        if options:
            return await super().get_one(entity, ident, **options)
        found = await self.get(entity, ident)
        if found is None:
            raise NoResultFound(f"No row of {entity.__name__} has the key {ident}.")
        return found


class Select(Generic[M]):
    """One SELECT of whole rows, compiled once. Its parameters are `sa.bindparam`s that are compared with columns.

    As with SQLAlchemy's own, a row that the session knows already is answered as the session has it.
    """

    def __init__(self, model: type[M], narrow: Callable[[Any], sa.ClauseElement]) -> None:
        self._keyed = _keyed(model)
        self.statement = Statement(narrow(sa.select(*self._keyed.columns)))

    def of(self, session: AsyncSession, rows: Iterable[Any]) -> list[M]:
        """The session's objects of what the statement answered, when it was asked together with others."""
        return [_held(session.sync_session, self._keyed, row) for row in rows]

    async def all(self, session: AsyncSession, **values: Any) -> list[M]:
        return await greenlet_spawn(self._all, session.sync_session, values)

    async def first(self, session: AsyncSession, **values: Any) -> M | None:
        found = await self.all(session, **values)
        return found[0] if found else None

    def _all(self, session: Session, values: dict[str, Any]) -> list[M]:
        rows = run_on(session.connection, self.statement, values)
        return [_held(session, self._keyed, row) for row in rows]


def hold(session: AsyncSession, *found: Any) -> None:
    """A session knows its objects weakly: these stay known to it until its end, so that none is read again."""
    session.info.setdefault("wfhub_held", []).extend(found)


def note_lacking(session: AsyncSession, what: str, ids: Iterable[int]) -> None:
    """Rows of `what` were looked for, for many at once: these have none."""
    session.info.setdefault("wfhub_lacking", {})[what] = set(ids)


def lacks(session: AsyncSession, what: str, of: int) -> bool:
    """Whether it is known that there is none. Said once: what is written afterwards may change it."""
    known: set[int] = session.info.get("wfhub_lacking", {}).get(what, set())
    found = of in known
    known.discard(of)
    return found


def _keyed(model: Any) -> _Keyed[Any]:
    known = _KEYED.get(model)
    if known is None:
        known = _KEYED[model] = _Keyed(model)
    return known


def _load(session: Session, keyed: _Keyed[Any], ident: Any) -> Any:
    rows = run_on(session.connection, keyed.select, {"key": ident})
    return _held(session, keyed, rows[0]) if rows else None


def _held(session: Session, keyed: _Keyed[Any], row: Any) -> Any:
    """The session's object of the row."""
    known = session.identity_map.get(keyed.identity((row[keyed.place],)))
    if known is not None and not sa.inspect(known).expired:
        return known
    made = keyed.make(session.get_bind().dialect, row)
    if known is not None:
        for name, value in instance_dict(made).items():
            if not name.startswith("_"):
                set_committed_value(known, name, value)
        return known
    make_transient_to_detached(made)
    session.add(made)
    return made
