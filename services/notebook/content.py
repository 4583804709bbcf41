"""What the notebook of a project says: read in plain columns, bounded, and without secrets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import LIVE_RUN
from services.events.output import RunOutput
from services.redaction import KNOWN
from services.store.models import Criterion, Project, Restoration, Run, Task

MOST_TASKS = 500
MOST_RUNS = 200
LOG_BYTES = 64 * 1024
README = """# .workflow

Written by Workflow Hub, for reading without it: `tasks.json` (the newest tasks and how they stand), `checkpoints.json`
(where each run began, what was undone), `logs/` (what agents said, a file for each run). It is not part of the
repository (`.git/info/exclude`), nothing reads it back, and it may be deleted at any time.
"""
TASK = ("id", "key", "title", "kind", "priority", "stage", "state", "waiting_reason", "waiting_sentence", "round",
        "branch", "base_sha", "merged_sha", "merged_at", "parent_id", "updated_at")  # fmt: skip
RUN = ("id", "stage", "role", "attempt", "round", "state", "queued_at", "finished_at", "checkpoint_sha", "summary",
       "model")  # fmt: skip
WAY = ("kind", "state", "actor", "note", "branch", "before", "after", "created_at")


@dataclass(frozen=True)
class Ended:
    """A run that is over: the name of its log, its id, and the log's first lines."""

    name: str
    run_id: str
    head: str


async def tasks_json(session: AsyncSession, project: Project) -> bytes:
    """The newest MOST_TASKS of the project's tasks, with their criteria; `left_out` says how many there are besides."""
    columns = [getattr(Task, name) for name in TASK]
    query = sa.select(*columns).where(Task.project_id == project.id, Task.deleted_at.is_(None))
    rows = (await session.execute(query.order_by(Task.updated_at.desc()).limit(MOST_TASKS))).all()
    count = sa.select(sa.func.count()).where(Task.project_id == project.id, Task.deleted_at.is_(None))
    whole = (await session.scalar(count)) or 0
    wanted = sa.select(Criterion.task_id, Criterion.text, Criterion.met, Criterion.evidence)
    wanted = wanted.where(Criterion.task_id.in_([row.id for row in rows])).order_by(Criterion.position)
    criteria: dict[int, list[dict[str, Any]]] = {}
    for task_id, text, met, evidence in await session.execute(wanted):
        criteria.setdefault(task_id, []).append({"text": text, "met": met, "evidence": evidence})
    told = [{**dict(zip(TASK, row, strict=True)), "criteria": criteria.get(row.id, [])} for row in rows]
    named = {"id": project.id, "key": project.key, "name": project.name, "branch": project.default_branch}
    return _json({"project": named, "left_out": whole - len(rows), "tasks": told})


async def checkpoints_json(session: AsyncSession, project: Project) -> bytes:
    """Where the newest MOST_RUNS runs began (refs of the hub's mirror), and what was undone, rolled back, recovered."""
    runs = [
        {"task": key, **told, "ref": f"refs/wfhub/checkpoints/{told['id']}"}
        for key, told in await _runs(session, project)
        if told["checkpoint_sha"]
    ]
    query = sa.select(Task.key, *[getattr(Restoration, name) for name in WAY]).join(
        Task, Task.id == Restoration.task_id
    )
    query = query.where(Restoration.project_id == project.id)
    query = query.order_by(Restoration.id.desc()).limit(MOST_RUNS)
    ways = [{"task": row[0], **dict(zip(WAY, row[1:], strict=True))} for row in await session.execute(query)]
    return _json({"checkpoints": runs, "ways_back": ways})


async def ended_runs(session: AsyncSession, project: Project) -> list[Ended]:
    """The newest runs that are over, with the names of their logs."""
    runs = [(key, told) for key, told in await _runs(session, project) if told["state"] not in LIVE_RUN]
    return [Ended(_name(key, told), str(told["id"]), _head(key, told)) for key, told in runs]


def _name(key: str, run: dict[str, Any]) -> str:
    return f"{key}-{run['stage']}-{run['attempt']}-{str(run['id'])[-6:]}.log"


def _head(key: str, run: dict[str, Any]) -> str:
    title = f"{key} {run['stage']} attempt {run['attempt']}, round {run['round']}: {run['state']}"
    return f"{title}\n{run['summary']}\n"


def log_of(output: RunOutput, run: Ended) -> bytes:
    """What its steps said, the newest LOG_BYTES of it."""
    lines: list[str] = []
    for step in output.steps(run.run_id):
        lines.append(f"\n== {step}")
        lines += [_line(event) for event in output.read(run.run_id, step)]
    text = KNOWN("\n".join(lines)).encode(errors="replace")
    cut = b"\n(what came before is left out)\n" if len(text) > LOG_BYTES else b""
    return KNOWN(run.head).encode(errors="replace") + cut + text[-LOG_BYTES:] + b"\n"


def _line(event: dict[str, Any]) -> str:
    said = event.get("text") or json.dumps(event.get("data") or {}, ensure_ascii=False, default=str)
    return f"[{event.get('kind', '')}] {said}"


async def _runs(session: AsyncSession, project: Project) -> Sequence[tuple[str, dict[str, Any]]]:
    query = sa.select(Task.key, *[getattr(Run, name) for name in RUN]).join(Task, Task.id == Run.task_id)
    query = query.where(Run.project_id == project.id).order_by(Run.queued_at.desc(), Run.id.desc()).limit(MOST_RUNS)
    return [(row[0], dict(zip(RUN, row[1:], strict=True))) for row in await session.execute(query)]


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(KNOWN.value(value), indent=1, ensure_ascii=False, default=str) + "\n").encode(errors="replace")
