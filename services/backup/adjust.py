"""What is different about a hub that was brought back: other folders, no orchestrator alive, nobody signed in."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from services.backup.facts import LIVE
from services.backup.postgres_database import ENGINE_SCHEMA
from services.store.types import now


def adjust(
    connection: sa.Connection, manifest: Mapping[str, Any], home: str, workspaces: Mapping[str, str], mark: str = ""
) -> dict[int, str]:
    """Answers the workspace of each project that is not deleted. `workspaces` maps old folders to new ones; the longest
    that fits a project wins. `mark` tells these rows from those of another restore.

    Signs every browser out: one that was signed out after the backup must not come back in.
    """
    connection.execute(sa.text("DELETE FROM workers"))  # their runs are taken over at once, and counted for no death
    connection.execute(sa.text("DELETE FROM login_codes"))
    ended = sa.text("UPDATE sessions SET ended_at = :at WHERE ended_at IS NULL").bindparams(
        sa.bindparam("at", now(), type_=sa.DateTime(timezone=True))
    )
    connection.execute(ended)
    if manifest["home"] != home:
        _move_home(connection, manifest["home"], home)
    paths = _move_workspaces(connection, workspaces)
    event = sa.text(
        "INSERT INTO events (at, actor, kind, data) VALUES (:at, 'person', 'hub.restored', :data)"
    ).bindparams(
        sa.bindparam("at", now(), type_=sa.DateTime(timezone=True)),
        sa.bindparam("data", {"made_at": manifest["made_at"], **({"mark": mark} if mark else {})}, type_=sa.JSON()),
    )
    connection.execute(event)
    return paths


def _move_home(connection: sa.Connection, old: str, new: str) -> None:
    """The folders that live runs, and what the engine keeps of them, work in."""
    for run, cwd in connection.execute(sa.text("SELECT id, cwd FROM runs WHERE cwd IS NOT NULL")).all():
        if _below(cwd, old):
            values = {"cwd": new + cwd[len(old) :], "id": run}
            connection.execute(sa.text("UPDATE runs SET cwd = :cwd WHERE id = :id"), values)
    live = sa.text("SELECT id, details FROM runs WHERE state IN :live")
    live = live.bindparams(sa.bindparam("live", LIVE, expanding=True))
    for run, details in connection.execute(live).all():
        text = details if isinstance(details, str) else json.dumps(details)
        fresh = sa.bindparam("details", json.loads(_moved(text, old, new)), type_=sa.JSON())
        update = sa.text("UPDATE runs SET details = :details WHERE id = :id").bindparams(fresh)
        connection.execute(update, {"id": run})
    _move_engine(connection, old, new)


def _move_engine(connection: sa.Connection, old: str, new: str) -> None:
    """What the engine keeps of steps, as JSON, for workflows that go on."""
    postgres = connection.dialect.name == "postgresql"
    schema = f"{ENGINE_SCHEMA}." if postgres else ""
    if not sa.inspect(connection).has_table("operation_outputs", schema=ENGINE_SCHEMA if postgres else None):
        return
    query = (
        f"SELECT o.workflow_uuid, o.function_id, o.output FROM {schema}operation_outputs o JOIN "
        f"{schema}workflow_status w ON w.workflow_uuid = o.workflow_uuid WHERE w.status = 'PENDING'"
    )
    update = (
        f"UPDATE {schema}operation_outputs SET output = :output WHERE workflow_uuid = :workflow "
        "AND function_id = :number"
    )
    for workflow, number, output in connection.execute(sa.text(query)).all():
        if output and (moved := _moved(output, old, new)) != output:
            connection.execute(sa.text(update), {"output": moved, "workflow": workflow, "number": number})


def _moved(text: str, old: str, new: str) -> str:
    """JSON with paths below `old` put below `new`; a JSON text may write letters beyond ASCII as they are or not."""
    for ascii_only in (True, False):
        before, after = (json.dumps(path, ensure_ascii=ascii_only)[1:-1] for path in (old, new))
        text = text.replace(f"{before}/", f"{after}/")
    return text


def _move_workspaces(connection: sa.Connection, workspaces: Mapping[str, str]) -> dict[int, str]:
    paths: dict[int, str] = {}
    rows = connection.execute(sa.text("SELECT id, workspace_path FROM projects WHERE deleted_at IS NULL")).all()
    for number, path in rows:
        fits = max((old for old in workspaces if _below(path, old)), key=len, default=None)
        paths[number] = path if fits is None else workspaces[fits] + path[len(fits) :]
        if paths[number] != path:
            connection.execute(
                sa.text("UPDATE projects SET workspace_path = :path WHERE id = :id"),
                {"path": paths[number], "id": number},
            )
    return paths


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
