"""A run remembers which models it may use before its agent is sent for, and tells why one was passed over."""

import json
import sqlite3

import sqlalchemy as sa

from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.store.models import ModelDecision, Project, Run
from tests.workflows.conftest import PLAN, Hub

SMALL, LARGE, SPARE = "ollama/small", "ollama/large", "scripted/spare"


async def test_each_step_of_a_run_begins_with_the_first_model_of_its_order(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "complexity": "complex", "tasks": PLAN["tasks"][:1]}
    by_work = [{"model": SMALL, "complexity": ["simple", "medium"]}, LARGE, SPARE]
    async with hub.bench.db.write() as session:
        project = await session.get_one(Project, hub.project_id)
        project.settings = {**project.settings, "models": {"dev": by_work, "qa": by_work, "pm": [SPARE, LARGE]}}

    def write(spec: RunSpec) -> RunResult:
        """The gateway asks for the order by the run's row: it has to be there when the agent is at work."""
        with sqlite3.connect(hub.bench.db.engine.url.database or "") as connection:
            query = "SELECT models FROM runs WHERE id = ?"
            at_work.append(connection.execute(query, (spec.run_id,)).fetchone()[0])
        return hub.script.write(spec)

    at_work: list[str] = []
    hub.script.on_aider = write if hub.bench.db.is_sqlite else None
    await hub.ask()
    await hub.approve_plan()
    await hub.approval("POC-1")
    asked = {
        spec.role: spec.model.model for spec in hub.script.specs if spec.model and spec.role in ("pm", "dev", "qa")
    }
    assert asked == {"pm": SPARE, "dev": LARGE, "qa": LARGE}
    async with hub.bench.db.read() as session:
        runs = {run.role: run for run in await session.scalars(sa.select(Run))}
        decisions = (await session.scalars(sa.select(ModelDecision).order_by(ModelDecision.id))).all()
    assert (runs["dev"].models, runs["qa"].models) == ([LARGE, SPARE], [LARGE, SPARE])
    assert (runs["pm"].models, runs["docs"].models) == ([SPARE, LARGE], None)
    assert [(one.run_id, one.wanted, one.taken, one.reason) for one in decisions] == [
        (runs[role].id, SMALL, LARGE, "complexity") for role in ("dev", "qa")
    ]  # fmt: skip
    assert len(await hub.events("run.model_changed")) == 2
    assert not at_work or json.loads(at_work[0]) == [LARGE, SPARE]
