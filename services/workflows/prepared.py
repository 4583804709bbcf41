"""How the engine begins and ends a workflow: its own statements, compiled once, several workflows in a transaction.

On SQLite the engine builds each statement anew for each workflow, which takes longer than all else it does there; on
both databases each workflow's beginning and end is a transaction. These replace internals of exactly the version that
`engine.self_test` asks for.
"""

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dbos._sys_db import SystemDatabase, db_retry  # pyright: ignore[reportPrivateImportUsage]
from dbos._sys_db_postgres import PostgresSystemDatabase  # pyright: ignore[reportPrivateImportUsage]
from dbos._sys_db_sqlite import SQLiteSystemDatabase  # pyright: ignore[reportPrivateImportUsage]

from services.workflows.ledger import Ledger

REPLACED = ("init_workflow", "_update_workflow_outcome_in_transaction", "_outcome_in_one_statement")
ON_SQLITE = ("_execute_prepared",)
_by_the_engine: Callable[..., Any] = SystemDatabase._execute_prepared  # pyright: ignore[reportPrivateUsage]
_kept: dict[tuple[str, str, tuple[str, ...]], "_Prepared"] = {}
_ledgers: "weakref.WeakKeyDictionary[sa.Engine, Ledger]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text with `?`, the names of what goes there in order, and the values that are always the same. Without names
    the text has them itself."""

    text: str
    names: Sequence[str] | None
    always: Mapping[str, Any]
    binds: Mapping[str, Callable[[Any], Any]]

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        given = {**self.always, **values}
        for name, bind in self.binds.items():
            given[name] = bind(given[name])
        if self.names is None:
            return connection.exec_driver_sql(self.text, given)
        return connection.exec_driver_sql(self.text, tuple(given[name] for name in self.names))


def prepare_once() -> None:
    """For every engine of this process from here on."""
    for kind in (SQLiteSystemDatabase, PostgresSystemDatabase):
        for name in (*REPLACED, *(ON_SQLITE if kind is SQLiteSystemDatabase else ())):
            setattr(kind, name, _OURS[name])


def is_fitting() -> bool:
    """Whether the engine has what is replaced."""
    return all(callable(getattr(SystemDatabase, name, None)) for name in (*REPLACED, *ON_SQLITE))


@db_retry()
def init_workflow(database: Any, status: Any, *, creator_xid: str | None, reuse_policy: Any = None) -> tuple[Any, bool]:
    """As the engine's; its row is written with those of others."""

    def insert(connection: sa.Connection) -> tuple[Any, bool]:
        return database._insert_workflow_status(status, connection, creator_xid=creator_xid, reuse_policy=reuse_policy)

    return _ledger(database).write(database.engine, insert)


def _ledger(database: Any) -> Ledger:
    return _ledgers.setdefault(database.engine, Ledger())


def _outcome_in_one_statement(_database: Any) -> bool:
    """Two in a transaction that others share take less than one alone."""
    return False


def _execute_prepared(
    database: Any,
    conn: Any,
    name: str,
    values: dict[str, Any],
    build: Callable[[], Any],
    *,
    insert_columns: bool = True,
) -> Any:
    if not isinstance(conn, sa.Connection) or conn.dialect is not database.engine.dialect:
        return _by_the_engine(database, conn, name, values, build, insert_columns=insert_columns)
    return _prepared(database, name, values, build, insert_columns=insert_columns).run(conn, values)


def _update_workflow_outcome_in_transaction(
    database: Any, workflow_id: str, status: str, *, output: str | None, error: str | None, owner_xid: str | None
) -> bool:
    """Answers whether the outcome was this execution's to write; where it wasn't, nothing is written."""
    rows: Any = database.tables.workflow_status.c
    values: dict[str, Any] = {"workflow": workflow_id, "new_status": status}
    if owner_xid is not None:
        values["owner"] = owner_xid

    def build_update() -> Any:
        now: Any = database._now_ms_sql()
        update = (
            sa.update(database.tables.workflow_status)
            .values(
                status=sa.bindparam("new_status"),
                deduplication_id=sa.null(),
                owner_xid=sa.null(),
                updated_at=now,
                completed_at=now,
            )
            .where(rows.workflow_uuid == sa.bindparam("workflow"), rows.status == "PENDING")
        )
        return update if owner_xid is None else update.where(rows.owner_xid == sa.bindparam("owner"))

    def build_output() -> Any:
        insert: Any = database.dialect.insert(database.tables.workflow_output)
        given = {"output": insert.excluded.output, "error": insert.excluded.error}
        return insert.on_conflict_do_update(index_elements=["workflow_uuid"], set_=given)

    def end(connection: sa.Connection) -> bool:
        ended = _prepared(database, "outcome", values, build_update, insert_columns=False).run(connection, values)
        if ended.rowcount == 0:
            return False
        told = {"workflow_uuid": workflow_id, "output": output, "error": error}
        _prepared(database, "output", told, build_output, insert_columns=True).run(connection, told)
        return True

    return _ledger(database).write(database.engine, end)


def _prepared(
    database: Any, name: str, values: Mapping[str, Any], build: Callable[[], Any], *, insert_columns: bool
) -> _Prepared:
    dialect: sa.Dialect = database.engine.dialect
    key = (dialect.name, name, tuple(values))
    if key not in _kept:
        made: Any = build().compile(
            dialect=dialect,
            column_keys=list(values) if insert_columns else None,
            schema_translate_map=_schemas(database),
            render_schema_translate=True,
        )
        binds = {
            name: processor
            for name, bind in made.binds.items()
            if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        always = {name: bind.value for name, bind in made.binds.items() if name not in values}
        _kept[key] = _Prepared(str(made), made.positiontup if made.positional else None, always, binds)
    return _kept[key]


def _schemas(database: Any) -> dict[str | None, str | None]:
    return dict(database.engine.get_execution_options().get("schema_translate_map", {}))


_OURS: Mapping[str, Callable[..., Any]] = {
    "init_workflow": init_workflow,
    "_update_workflow_outcome_in_transaction": _update_workflow_outcome_in_transaction,
    "_outcome_in_one_statement": _outcome_in_one_statement,
    "_execute_prepared": _execute_prepared,
}
