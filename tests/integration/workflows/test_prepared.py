"""The statements that replace the engine's own on SQLite leave the same rows, and refuse what those refuse."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from dbos._serialization import DBOSPortableJSONSerializer
from dbos._sys_db_sqlite import SQLiteSystemDatabase

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


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = f"sqlite:///{tmp_path_factory.mktemp('engine')}/hub.sqlite"
    upgrade(url)
    made = SQLiteSystemDatabase(
        system_database_url=url, engine_kwargs={}, engine=None, schema=None, serializer=DBOSPortableJSONSerializer(),
        executor_id="one",
    )  # fmt: skip
    yield made
    made.engine.dispose()


def rows_of(database: Any, workflow_id: str) -> list[dict[str, Any]]:
    told = []
    with database.engine.connect() as connection:
        for table in ("workflow_status", "workflow_input", "workflow_output"):
            query = sa.text(f"SELECT * FROM {table} WHERE workflow_uuid = :id")
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
    for name in prepared.REPLACED:
        if name in vars(SQLiteSystemDatabase):
            monkeypatch.delattr(SQLiteSystemDatabase, name)
    by_the_engine = carry(database, f"theirs-{status}", status=status, error=error)
    kept: dict[Any, Any] = {}
    monkeypatch.setattr(prepared, "_kept", kept)
    for name in prepared.REPLACED:
        monkeypatch.setattr(SQLiteSystemDatabase, name, getattr(prepared, name), raising=False)
    assert carry(database, f"ours-{status}", status=status, error=error) == by_the_engine
    assert by_the_engine == [True, False, False, True, False]
    assert rows_of(database, f"ours-{status}") == rows_of(database, f"theirs-{status}")
    assert [name for name, _ in kept] == ["insert_workflow_status", "insert_workflow_input", "outcome", "output"]


def test_the_engine_has_what_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepared.is_fitting()
    monkeypatch.setattr(prepared, "REPLACED", ("no_such_thing",))
    assert not prepared.is_fitting()
