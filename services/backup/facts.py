"""What a snapshot of the database says about itself and about the work in flight. The same questions to both kinds."""

import json
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa

LIVE = ("queued", "running")


@dataclass(frozen=True)
class Branch:
    """A task's branch as the database knows it. `head` is the last commit it knows of, None before the first run."""

    key: str
    name: str
    base: str | None
    head: str | None


@dataclass(frozen=True)
class Facts:
    """`unfinished` are output files, `<run>/<step>.jsonl`, of steps that will be done again; `named` the hashes of
    files that rows name; `branches` is by project."""

    revision: str
    engine_schema: int
    projects: list[dict[str, Any]]
    branches: dict[int, dict[str, Branch]]
    unfinished: frozenset[str]
    live_runs: int
    named: frozenset[str]


def versions() -> dict[str, str]:
    """What is installed: the hub and its engine, "" where that can't be told."""
    return {name: _version(name) for name in ("workflow-hub", "dbos")}


def read_versions(connection: sa.Connection) -> Facts:
    """Only what every schema of the hub can tell."""
    postgres = connection.dialect.name == "postgresql"
    revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""
    return Facts(revision, _engine_schema(connection, postgres), [], {}, frozenset(), 0, frozenset())


def read_facts(connection: sa.Connection) -> Facts:
    """Reads only; `connection` is one snapshot."""
    runs = _rows(
        connection, "SELECT id, task_id, state, head_sha, checkpoint_sha, details FROM runs ORDER BY queued_at, id"
    )
    live = [run for run in runs if run["state"] in LIVE]
    return replace(
        read_versions(connection),
        projects=_rows(connection, "SELECT id, key, name, workspace_path, default_branch, deleted_at FROM projects"),
        branches=_branches(connection, runs),
        unfinished=frozenset(f"{run['id']}/{name}.jsonl" for run in live for name in _unfinished(run)),
        live_runs=len(live),
        named=frozenset(row["sha256"] for table in ("proofs", "attachments") for row in _named(connection, table)),
    )


def _named(connection: sa.Connection, table: str) -> list[dict[str, Any]]:
    where = " WHERE deleted_at IS NULL" if table == "attachments" else ""
    return _rows(connection, f"SELECT DISTINCT sha256 FROM {table}{where}")


def _branches(connection: sa.Connection, runs: list[dict[str, Any]]) -> dict[int, dict[str, Branch]]:
    """Of tasks that are not merged; the last run of the task says where its branch stood."""
    heads: dict[int, str | None] = {}
    for run in runs:
        if run["task_id"] is not None:
            heads[run["task_id"]] = run["head_sha"] or run["checkpoint_sha"] or heads.get(run["task_id"])
    found: dict[int, dict[str, Branch]] = {}
    query = "SELECT id, project_id, key, branch, base_sha FROM tasks WHERE branch IS NOT NULL AND merged_sha IS NULL"
    for task in _rows(connection, query):
        branch = Branch(task["key"], task["branch"], task["base_sha"], heads.get(task["id"]))
        found.setdefault(task["project_id"], {})[task["branch"]] = branch
    return found


def _unfinished(run: dict[str, Any]) -> set[str]:
    details = json.loads(run["details"]) if isinstance(run["details"], str) else run["details"] or {}
    steps = details.get("steps", {})
    planned = {f"{step['index']}-{step['name']}" for step in details.get("place", {}).get("steps", ())}
    return {name for name in planned | set(steps) if not steps.get(name, {}).get("finished_at")}


def _engine_schema(connection: sa.Connection, postgres: bool) -> int:
    """The number of the engine's last migration; 0 where it has no tables yet."""
    schema = "dbos" if postgres else None
    if not sa.inspect(connection).has_table("dbos_migrations", schema=schema):
        return 0
    table = "dbos.dbos_migrations" if postgres else "dbos_migrations"
    return int(connection.scalar(sa.text(f"SELECT version FROM {table}")) or 0)


def _rows(connection: sa.Connection, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.text(query)).mappings()]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
