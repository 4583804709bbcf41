"""What replaces the engine's own beginnings and ends leaves the same rows, and refuses what those refuse."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from dbos._serialization import DBOSPortableJSONSerializer
from dbos._sys_db import SystemDatabase
from dbos._sys_db_postgres import PostgresSystemDatabase
from dbos._sys_db_sqlite import SQLiteSystemDatabase
from sqlalchemy.exc import DBAPIError

from services.store.migrate import sync_url
from services.workflows import prepared
from services.workflows.migrate import upgrade

TIMES = {"created_at", "updated_at", "completed_at", "retention_timestamp"}
EMPTY = (
    *("class_name", "config_name", "authenticated_user", "assumed_role", "authenticated_roles", "created_at"),
    *("updated_at", "queue_name", "app_id", "recovery_attempts", "workflow_timeout_ms", "workflow_deadline_epoch_ms"),
    *("deduplication_id", "queue_partition_key", "forked_from", "parent_workflow_id", "started_at_epoch_ms"),
    *("serialization", "delay_until_epoch_ms", "attributes", "schedule_name", "debounce_deadline_epoch_ms"),
    *("application_name", "shard_key"),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Any]:
    upgrade(database_url)
    kind, schema = (
        (SQLiteSystemDatabase, None) if database_url.startswith("sqlite") else (PostgresSystemDatabase, "dbos")
    )
    made = kind(
        system_database_url=sync_url(database_url), engine_kwargs={}, engine=None, schema=schema,
        serializer=DBOSPortableJSONSerializer(), executor_id="one",
    )  # fmt: skip
    yield made
    made.engine.dispose()


def rows_of(database: Any, workflow_id: str) -> list[dict[str, Any]]:
    told = []
    schema = "dbos." if isinstance(database, PostgresSystemDatabase) else ""
    with database.engine.connect() as connection:
        for table in ("workflow_status", "workflow_input", "workflow_output"):
            query = sa.text(f"SELECT * FROM {schema}{table} WHERE workflow_uuid = :id")
            row = dict(connection.execute(query, {"id": workflow_id}).mappings().one())
            assert not table.endswith("status") or all(row[name] for name in ("updated_at", "completed_at"))
            told.append({name: value for name, value in row.items() if name not in TIMES | {"workflow_uuid"}})
    return told


def carry(database: Any, workflow_id: str, *, status: str = "SUCCESS", error: str | None = None) -> list[bool]:
    """Begins it twice and ends it three times: by a stranger, by its owner, and by its owner again."""
    asked: Any = dict.fromkeys(EMPTY) | {
        "workflow_uuid": workflow_id, "status": "PENDING", "name": "run_stage", "executor_id": "one",
        "app_version": "stable", "priority": 0, "inputs": '{"args": ["x"]}', "is_debounced": False,
    }  # fmt: skip
    begun = [database.init_workflow(dict(asked), creator_xid=xid)[1] for xid in ("creator", "another")]
    ended = [
        database.update_workflow_outcome(workflow_id, status, output='"passed"', error=error, owner_xid=xid)
        for xid in ("another", "creator", "creator")
    ]
    return [*begun, *ended]


@pytest.mark.parametrize(("status", "error"), [("SUCCESS", None), ("ERROR", '"broken"')])
def test_the_rows_are_those_of_the_engine(
    database: Any, monkeypatch: pytest.MonkeyPatch, status: str, error: str | None
) -> None:
    for name in (*prepared.REPLACED, *prepared.ON_SQLITE):
        monkeypatch.setattr(type(database), name, getattr(SystemDatabase, name), raising=False)
    by_the_engine = carry(database, f"theirs-{status}", status=status, error=error)
    kept: dict[Any, Any] = {}
    monkeypatch.setattr(prepared, "_kept", kept)
    prepared.prepare_once()
    assert carry(database, f"ours-{status}", status=status, error=error) == by_the_engine
    assert by_the_engine == [True, False, False, True, False]
    assert rows_of(database, f"ours-{status}") == rows_of(database, f"theirs-{status}")
    begun = ["insert_workflow_status", "insert_workflow_input"] if type(database) is SQLiteSystemDatabase else []
    assert [name for _, name, _ in kept] == [*begun, "outcome", "output"]


def test_what_several_write_at_once_is_kept_but_for_the_one_that_fails(database: Any) -> None:
    prepared.prepare_once()
    entered, go_on = threading.Event(), threading.Event()

    def slow(_connection: sa.Connection) -> None:
        entered.set()
        go_on.wait(10)

    def broken(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT * FROM no_such_table"))

    ledger = prepared._ledger(database)  # pyright: ignore[reportPrivateUsage]
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(ledger.write, database.engine, slow)
        entered.wait(10)
        refused = threads.submit(ledger.write, database.engine, broken)
        others = [threads.submit(carry, database, f"beside-{number}") for number in range(4)]
        go_on.set()
        first.result(10)
        with pytest.raises(DBAPIError):
            refused.result(10)
        assert [other.result(20) for other in others] == [[True, False, False, True, False]] * 4
    assert all(rows_of(database, f"beside-{number}") for number in range(4))


def test_the_engine_has_what_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepared.is_fitting()
    monkeypatch.setattr(prepared, "REPLACED", ("no_such_thing",))
    assert not prepared.is_fitting()
