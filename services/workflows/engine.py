"""The engine's configuration, and the internals of it that this product relies on: see also `prepared.py`."""

import asyncio
import contextvars
import sqlite3
from collections.abc import Collection
from typing import Any

import dbos
import psycopg
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos._serialization import DBOSPortableJSONSerializer  # pyright: ignore[reportPrivateImportUsage]
from sqlalchemy import event

from services.domain.errors import HubError
from services.logs.configure import take_over
from services.store.database import IDLE_SECONDS, PREPARED_FROM
from services.store.liveness import ask_after_idle
from services.store.migrate import sync_url
from services.workflows import prepared

VERSION = "3.4.0"
APPLICATION_VERSION = "stable"  # constant: every orchestrator may carry on what another began


class EngineUnusable(HubError):
    """The installed engine is not the one this product was tested with."""

    code = "engine_unusable"


def self_test() -> None:
    """Refuses to start where the engine's recovery call, or what `prepared` replaces, is not there: they are internals
    of exactly one version."""
    from importlib.metadata import version

    found = version("dbos")
    recovers = callable(getattr(dbos.DBOS, "_recover_pending_workflows", None))
    if found != VERSION or not recovers or not prepared.is_fitting():
        raise EngineUnusable(f"The engine DBOS {found} is not {VERSION}.", "Install from requirements/ again.")


def configure(database_url: str, executor_id: str, idle_seconds: float = IDLE_SECONDS) -> None:
    """Makes the engine for this process. Call DBOS.launch() from the loop that shall run the workflows.

    `idle_seconds`: when PostgreSQL ends a transaction of a program that says nothing, and frees its locks.
    """
    url = sync_url(database_url)
    config: DBOSConfig = {
        "name": "orchestrator",
        "system_database_url": url,
        "executor_id": executor_id,
        "application_version": APPLICATION_VERSION,
        "log_level": "ERROR",
        "run_migrations": False,
        "serializer": DBOSPortableJSONSerializer(),
        "enable_otlp": False,
    }
    config["system_database_engine"] = (
        _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url, idle_seconds)
    )
    prepared.prepare_once()
    DBOS(config=config)
    take_over("dbos")  # it has set itself up to write in a form of its own


@event.listens_for(sa.Engine, "handle_error")
def _tell_a_lost_connection(context: sa.ExceptionContext) -> None:
    """The engine waits for a database that is away, but does not know every sentence in which libpq says so: an error
    without a code of the server's is one."""
    error = context.original_exception
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        context.is_disconnect = True


def _postgres_engine(url: str, idle_seconds: float) -> sa.Engine:
    """As the engine would make it, but that a connection which was just used is not asked whether it stands."""
    given = sa.make_url(url).query.get("options", "")
    idle = f"-c idle_in_transaction_session_timeout={int(idle_seconds * 1000)}"
    told = {"application_name": "dbos_transact", "connect_timeout": 10, "prepare_threshold": PREPARED_FROM}
    told |= {"options": f"{given} {idle}".strip()}
    sizes: dict[str, Any] = {"pool_size": 20, "max_overflow": 0, "pool_timeout": 30, "pool_use_lifo": True}
    made = sa.create_engine(url, connect_args=told, **sizes)
    ask_after_idle(made)
    return made


def _sqlite_engine(url: str) -> sa.Engine:
    """As the engine would make it, but for `synchronous`: its tables share the hub's write-ahead log and its promise.

    NORMAL keeps every commit when a process dies. When the machine loses power the last moments may be gone, of the
    hub's rows and the engine's alike, and in order.
    """
    made = sa.create_engine(url)

    @event.listens_for(made, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")

    return made


def recover(dead: Collection[str]) -> list[str]:
    """Takes over the unfinished workflows of executors that are dead. Blocks on the database; answers their ids."""
    handles: list[Any] = DBOS._recover_pending_workflows(sorted(dead))  # pyright: ignore[reportPrivateUsage]
    return [handle.workflow_id for handle in handles]


def pending_owners() -> set[str]:
    """The executors that have unfinished workflows in hand. Blocks on the database."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {status.executor_id for status in pending if status.executor_id}


def story() -> str | None:
    """The workflow in which this is asked."""
    return DBOS.workflow_id


async def carrier(workflow_id: str) -> str | None:
    """The executor that the engine gave the workflow to. May be asked from within a workflow."""

    async def ask() -> str | None:
        status = await DBOS.get_workflow_status_async(workflow_id)
        return status.executor_id if status else None

    # In a context of its own: asked in the workflow's, the engine would count the question as one of its steps.
    return await asyncio.create_task(ask(), context=contextvars.Context())


async def stop(workflow_id: str) -> None:
    """Ends the workflow: nobody goes on with it."""
    await DBOS.cancel_workflow_async(workflow_id)
