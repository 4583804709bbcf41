"""Rows of a hub that worked hard for some months, for metrics: runs, model calls, done tasks and waits."""

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.domain.states import WaitingReason
from services.models.usage_quarters import all_calls
from services.store.migrate import sync_url
from services.store.models import Event, ModelCall, Project, Run, Task, Wait, WorkflowRow

PROJECTS, RUNS_OF_TASK, CALLS_OF_RUN = 10, 5, 3
STAGES = ("pm", "dev", "qa", "security", "docs", "deploy", "testing")
ROLES = ("pm", "dev", "qa", "security", "docs", "cicd", "testing")
MODELS = ("ollama/qwen2.5-coder:1.5b", "anthropic/claude-sonnet-5", "openai/gpt-6-mini", "scripted/demo")
STATES, SHARES = ("passed", "failed", "cancelled", "lost", "blocked"), (80, 12, 3, 3, 2)
AT_ONCE = 5_000


def fill(url: str, runs: int, days: int, now: datetime | None = None) -> None:
    """`runs` over so many days up to now, five of each task, three model calls of each run, in one transaction."""
    dice, until = random.Random(7), now or datetime.now(UTC)
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        workflow = connection.scalar(sa.insert(WorkflowRow).values(_workflow()).returning(WorkflowRow.id))
        _put(connection, Project, [_project(number, workflow) for number in range(1, PROJECTS + 1)])
        _put(connection, Task, [_task(number, workflow) for number in range(1, runs // RUNS_OF_TASK + 1)])
        made = [_run(n, until - timedelta(days=days) * (1 - n / runs), dice) for n in range(runs)]
        _put(connection, Run, made)
        _put(connection, ModelCall, [_call(run, dice) for run in made for _ in range(CALLS_OF_RUN)])
        last = made[RUNS_OF_TASK - 1 :: RUNS_OF_TASK]
        _put(connection, Event, [_done(run, dice) for run in last])
        _put(connection, Wait, [_wait(run, dice) for run in last])
        connection.execute(all_calls())
        if connection.dialect.name == "postgresql":  # it counts on from where ids were given out by itself
            for table in ("projects", "tasks"):
                connection.execute(
                    sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as a database of some age has been: its own housekeeping does both
        connection.execute(sa.text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    engine.dispose()


def _put(connection: sa.Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(sa.insert(table), rows[start : start + AT_ONCE])


def _workflow() -> dict[str, Any]:
    stages = [{"name": name, "title": name.upper(), "role": name, "wip": 10} for name in ("backlog", *STAGES, "done")]
    definition = {"name": "crowd", "title": "Crowd", "start": "dev", "stages": stages}
    return {"name": "crowd", "version": 1, "source": "", "sha256": "0" * 64, "definition": definition}


def _project(number: int, workflow: int | None) -> dict[str, Any]:
    told = {"id": number, "name": f"Project {number}", "key": f"P{number}", "workspace_path": f"/nowhere/{number}"}
    return {**told, "workflow_id": workflow, "settings": {}}


def _task(number: int, workflow: int | None) -> dict[str, Any]:
    project = number % PROJECTS + 1
    return {
        "id": number, "project_id": project, "workflow_id": workflow, "number": number, "key": f"P{project}-{number}",
        "title": f"Task {number}", "description": "Round the total. " * 12, "stage": "done", "state": "done",
        "files": ["till/refunds.py"],
    }  # fmt: skip


def _run(number: int, queued: datetime, dice: random.Random) -> dict[str, Any]:
    task, place = number // RUNS_OF_TASK + 1, dice.randrange(len(STAGES))
    started = queued + timedelta(milliseconds=dice.randint(1, 20_000))
    steps = {"0-tests": {"name": "tests", "executor": "command", "outcome": "completed", "sentence": "It holds. " * 30}}
    return {
        "id": str(uuid.UUID(int=dice.getrandbits(128))), "project_id": task % PROJECTS + 1, "task_id": task,
        "stage": STAGES[place], "role": ROLES[place], "state": dice.choices(STATES, SHARES)[0], "queued_at": queued,
        "started_at": started, "finished_at": started + timedelta(milliseconds=int(dice.lognormvariate(11, 1))),
        "model": dice.choice(MODELS), "details": {"steps": steps}, "summary": "Written and tested. " * 10,
    }  # fmt: skip


def _call(run: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    free = run["model"].startswith(("ollama", "scripted"))
    return {
        "run_id": run["id"], "project_id": run["project_id"], "task_id": run["task_id"], "role": run["role"],
        "provider": run["model"].partition("/")[0], "protocol": "openai", "path": "/v1/chat/completions",
        "model": run["model"], "request_sha256": f"{dice.getrandbits(256):064x}", "outcome": "answered",
        "tokens_in": dice.randint(200, 9_000), "tokens_out": dice.randint(20, 900),
        "cost": 0.0 if free else round(dice.random() / 50, 9), "estimated": not free and dice.random() < 0.01,
        "created_at": run["started_at"] + timedelta(seconds=dice.randint(0, 60)), "finished_at": run["finished_at"],
    }  # fmt: skip


def _done(run: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    rounds = dice.choices((1, 2, 3, 4), (70, 20, 7, 3))[0]
    return {
        "actor": "hub", "kind": "task.done", "at": run["finished_at"], "project_id": run["project_id"],
        "task_id": run["task_id"], "run_id": None, "data": {"key": f"T-{run['task_id']}", "round": rounds},
    }  # fmt: skip


def _wait(run: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    began = run["finished_at"] - timedelta(seconds=int(dice.lognormvariate(7, 1.5)))
    ended = run["finished_at"] if dice.random() > 0.001 else None
    told = {"project_id": run["project_id"], "task_id": run["task_id"], "stage": run["stage"]}
    return {**told, "reason": str(dice.choice(list(WaitingReason))), "began_at": began, "ended_at": ended}
