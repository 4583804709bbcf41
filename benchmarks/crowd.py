"""Rows of a hub that has been used for a year, written straight into the tables."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.domain.states import HandoffState, RunState, TaskState
from services.store.migrate import sync_url
from services.store.models import Comment, Criterion, Event, Handoff, Project, Run, Task, WorkflowRow

PROJECTS, TASKS, EVENTS = 10, 10_000, 100_000
OPEN_SHARE = 0.02  # of the tasks; the rest is done
STAGES = ("backlog", "pm", "dev", "qa", "security", "docs", "deploy", "testing")
NOUNS = (
    "refund", "receipt", "total", "till", "drawer", "price", "voucher", "customer", "export", "report", "day", "cash",
    "card", "tax", "rounding",
)  # fmt: skip
VERBS = (
    "limit", "print", "show", "round", "split", "merge", "check", "count", "sort", "hide", "import", "send", "test",
    "explain", "speed",
)  # fmt: skip
RARE = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(url: str) -> None:
    """PROJECTS projects with TASKS tasks, their runs, criteria, comments and EVENTS events, in one transaction."""
    dice = random.Random(7)
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        workflow_id = connection.scalar(sa.insert(WorkflowRow).values(_workflow()).returning(WorkflowRow.id))
        projects = [_project(number, workflow_id) for number in range(1, PROJECTS + 1)]
        connection.execute(sa.insert(Project), projects)
        tasks = [_task(number, workflow_id, dice) for number in range(1, TASKS + 1)]
        connection.execute(sa.insert(Task), tasks)
        runs = [run for task in tasks for run in _runs(task, dice)]
        for rows, table in (
            (runs, Run),
            ([_criterion(task, n) for task in tasks for n in (1, 2)], Criterion),
            ([_comment(task, dice) for task in tasks for _ in range(2)], Comment),
            ([_handoff(run) for run in runs], Handoff),
            ([_event(dice, tasks) for _ in range(EVENTS)], Event),
        ):
            for start in range(0, len(rows), 5_000):
                connection.execute(sa.insert(table), rows[start : start + 5_000])
        if connection.dialect.name == "postgresql":  # it counts on from where ids were given out by itself
            for table in ("projects", "tasks"):
                highest = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                connection.execute(sa.text(highest))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as a database of some age has been: its own housekeeping does both
        connection.execute(sa.text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    engine.dispose()


def _words(dice: random.Random, count: int) -> str:
    """A third of them from the few that everybody uses, the rest from RARE ones."""
    return " ".join(
        dice.choice(VERBS if n % 2 == 0 else NOUNS) if n % 3 == 0 else f"word{int(RARE * dice.random() ** 3)}"
        for n in range(count)
    )


def _workflow() -> dict[str, Any]:
    stages = [{"name": name, "title": name.upper(), "role": name, "wip": 10} for name in (*STAGES, "done")]
    definition = {"name": "crowd", "title": "Crowd", "start": "dev", "stages": stages}
    return {"name": "crowd", "version": 1, "source": "", "sha256": "0" * 64, "definition": definition}


def _project(number: int, workflow_id: int | None) -> dict[str, Any]:
    return {
        "id": number, "name": f"Project {number}", "key": f"P{number}", "workspace_path": f"/nowhere/{number}",
        "workflow_id": workflow_id, "next_task_number": TASKS + 1, "settings": {},
    }  # fmt: skip


def _task(number: int, workflow_id: int | None, dice: random.Random) -> dict[str, Any]:
    still_open = dice.random() < OPEN_SHARE
    state = dice.choice((TaskState.IDLE, TaskState.QUEUED, TaskState.WAITING)) if still_open else TaskState.DONE
    project_id = number % PROJECTS + 1
    return {
        "id": number, "project_id": project_id, "workflow_id": workflow_id, "number": number,
        "key": f"P{project_id}-{number}", "title": _words(dice, 6).capitalize(), "description": _words(dice, 60),
        "priority": dice.randint(1, 10), "stage": dice.choice(STAGES) if still_open else "done", "state": state,
        "position": float(number), "files": ["till/refunds.py"], "merge_granted": False, "sent_back": False,
        "updated_at": START + timedelta(minutes=number), "created_at": START + timedelta(minutes=number),
    }  # fmt: skip


def _runs(task: dict[str, Any], dice: random.Random) -> list[dict[str, Any]]:
    counts = {"passed": 44, "failed": 0, "errors": 0, "skipped": 1}
    steps = {
        "0-tests": {"name": "tests", "executor": "command", "outcome": "completed", "exit_code": 0, "tests": counts}
    }
    return [
        {
            "id": str(uuid.UUID(int=dice.getrandbits(128))), "project_id": task["project_id"], "task_id": task["id"],
            "stage": stage, "role": stage, "state": RunState.PASSED, "round": 1, "details": {"steps": steps},
            "queued_at": task["created_at"], "summary": "Written and tested.", "tokens_in": 900, "cost": 0.01,
            "files_touched": ["till/refunds.py"],
        }
        for stage in ("dev", "qa", "security")
    ]  # fmt: skip


def _criterion(task: dict[str, Any], number: int) -> dict[str, Any]:
    return {"task_id": task["id"], "position": number, "text": "It holds", "met": task["state"] == TaskState.DONE}


def _comment(task: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    return {"task_id": task["id"], "author": "qa", "body": _words(dice, 40)}


def _handoff(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "task_id": run["task_id"], "from_run_id": run["id"], "from_stage": run["stage"], "to_stage": "qa",
        "state": HandoffState.COMPLETED,
    }  # fmt: skip


def _event(dice: random.Random, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    task = dice.choice(tasks)
    kind = dice.choice(("task.stage", "task.state", "run.started", "run.step", "run.finished"))
    return {
        "actor": "hub", "kind": kind, "project_id": task["project_id"], "task_id": task["id"], "at": task["created_at"],
        "data": {"key": task["key"], "title": task["title"]},
    }  # fmt: skip
