"""The task API against a model of it: whatever is asked in whatever order, both say the same of every task."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from main_api.app import create_app
from main_api.settings import MainSettings
from services.roles.read import newest_workflow
from services.tasks.ownership import orphans
from tests.api.conftest import AUTH, TOKEN
from tests.support import factories as make
from tests.support.boards import compare_boards

STAGES = ["backlog", "pm", "dev", "qa", "sec", "docs", "deploy", "testing", "done"]
STARTS = STAGES[1:-1]
ASKS, MERGED = "deploy", ("testing", "done")
GIVEN_UP = ("cancelled",)
stages = st.sampled_from([*STAGES, "backlog", "pm", "dev", "qa", "qa", "sec", "docs"])  # mostly where one may go
places = st.integers(0, 19)  # which of the tasks there are; the last one a deleted one
seldom = st.integers(0, 3).map(lambda number: number == 3)


@dataclass
class Known:
    """What the model says of one task. No task is ever merged here, so none is done."""

    stage: str = "backlog"
    state: str = "idle"
    waits_for: set[int] = field(default_factory=set)
    run: str | None = None


class Tasks(RuleBasedStateMachine):
    """One project, no orchestrator: what is queued stays queued, so that only people's words move anything."""

    template: ClassVar[Path]

    @initialize()
    def open_hub(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wfhub-states-"))
        self.runner, self.stack, self.model, self.gone = asyncio.Runner(), AsyncExitStack(), {}, set[int]()
        self.runner.run(self._open())

    async def _open(self) -> None:
        shutil.copyfile(self.template, self.folder / "hub.sqlite")
        told = {"WFHUB_HOME": str(self.folder / "home"), "DATABASE_URL": f"sqlite:///{self.folder}/hub.sqlite"}
        app = create_app(MainSettings.from_environment({**told, "WFHUB_TOKEN": TOKEN, "WFHUB_SECRET_KEY": TOKEN[::-1]}))
        await self.stack.enter_async_context(app.router.lifespan_context(app))
        self.hub = app.state.hub
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=AUTH)
        await self.stack.enter_async_context(self.client)
        async with self.hub.db.write() as session:
            workflow = (await newest_workflow(session, "software")).id
            project = await make.make_project(session, key="POC", workflow_id=workflow)
            self.project = project.id
            self.model = {(await make.make_task(session, project)).id: Known() for _ in range(3)}

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def pick(self, place: int) -> int:
        there = sorted(self.gone) if place == 19 and self.gone else sorted(self.model)
        return there[place % len(there)]

    def ask(self, method: str, path: str, expected: int, **body: Any) -> Any:
        response = self.runner.run(self.client.request(method, path, json=body or None))
        assert response.status_code == expected, f"{method} {path} {body}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def held_up(self, task: int) -> bool:
        return any(self.model[other].state not in GIVEN_UP for other in self.model[task].waits_for)

    def enter(self, task: int, stage: str) -> None:
        known = self.model[task]
        if stage != known.stage:
            known.run = None
        known.stage, known.state = stage, "blocked" if self.held_up(task) else "queued"

    def refused_at(self, stage: str) -> bool:
        return stage == ASKS or stage in MERGED

    def lies_in_a_ring(self, task: int, other: int) -> bool:
        seen, todo = {other}, [other]
        while todo:
            for following in self.model[todo.pop()].waits_for - seen:
                seen.add(following)
                todo.append(following)
        return task in seen

    def let_go(self, task: int) -> None:
        for waiting, known in self.model.items():
            if task in known.waits_for:
                known.waits_for.discard(task)
                if known.state == "blocked" and not self.held_up(waiting):
                    known.state = "waiting"

    @precondition(lambda self: len(self.model) < 6)
    @rule(blocked_by=st.lists(places, max_size=2))
    def create(self, blocked_by: list[int]) -> None:
        others = [self.pick(place) for place in blocked_by] if self.model else []
        there = all(other in self.model for other in others)
        dead = there and any(self.model[other].state in GIVEN_UP for other in others)
        expected = 404 if not there else 400 if dead else 201
        row = self.ask("POST", "/tasks", expected, project_id=self.project, title="x", blocked_by=others)
        if expected == 201:
            self.model[row["id"]] = Known(waits_for=set(others))

    @precondition(lambda self: bool(self.model))
    @rule(place=places, stage=st.one_of(st.none(), stages), agent=st.booleans())
    def start(self, place: int, stage: str | None, agent: bool) -> None:
        task = self.pick(place)
        known = self.model.get(task)
        body = {"task_id": task} | ({"stage": stage} if stage else {}) | ({"agent": "me"} if agent else {})
        if known is None:
            self.ask("POST", "/runs", 404, **body)
            return
        begin = stage or ("pm" if known.stage == "backlog" else known.stage)
        busy = known.state in ("running", "queued", *GIVEN_UP)
        expected = 400 if begin not in STARTS else 409 if busy or self.refused_at(begin) else 202
        if expected == 202 and agent and self.held_up(task):
            expected = 409
        run = self.ask("POST", "/runs", expected, **body)
        if expected == 202:
            self.enter(task, begin)
            assert known.run in (None, run["id"]), "a run that waits for its turn is the one that is answered"
            known.run = run["id"]
            if agent:
                known.state = "running"

    @precondition(lambda self: bool(self.model))
    @rule(place=places, result=st.sampled_from(["pass", "fail", "blocked"]))
    def tell(self, place: int, result: str) -> None:
        task = self.pick(place)
        known = self.model.get(task)
        if known is None or known.state != "running":
            return
        following = STAGES[STAGES.index(known.stage) + 1]
        back = "dev" if known.stage in ("qa", "sec", "docs") else known.stage
        expected = 409 if result == "pass" and self.refused_at(following) else 200
        self.ask("PATCH", f"/runs/{known.run}", expected, result=result)
        if expected == 200:
            known.run = None
            if result == "blocked":
                known.state = "waiting"
            else:
                self.enter(task, following if result == "pass" else back)

    @precondition(lambda self: bool(self.model))
    @rule(place=places)
    def kill(self, place: int) -> None:
        task = self.pick(place)
        known = self.model.get(task)
        if known is not None and known.run is not None:
            self.ask("POST", f"/runs/{known.run}/kill", 202)
            self.ask("POST", f"/runs/{known.run}/kill", 409)
            known.state, known.run = "paused", None

    @precondition(lambda self: bool(self.model))
    @rule(place=places, stage=stages, by_card=st.booleans())
    def move(self, place: int, stage: str, by_card: bool) -> None:
        task = self.pick(place)
        known = self.model.get(task)
        path = "/board/moves" if by_card else f"/tasks/{task}/set-stage"
        body = {"stage": stage} | ({"task_id": task} if by_card else {})
        if known is None:
            self.ask("POST", path, 404, **body)
            return
        stays = stage == known.stage and known.state not in GIVEN_UP
        expected = 200 if stays or not self.refused_at(stage) else 409
        self.ask("POST", path, expected, **body)
        if expected == 200 and not stays:
            known.run = None
            self.enter(task, stage)
            if stage == "backlog":
                known.state = "idle"

    @precondition(lambda self: bool(self.model))
    @rule(place=places, really=seldom)
    def cancel(self, place: int, really: bool) -> None:
        if not really:
            return
        task = self.pick(place)
        known = self.model.get(task)
        self.ask("POST", f"/tasks/{task}/cancel", 200 if known else 404)
        if known and known.state not in GIVEN_UP:
            known.state, known.run = "cancelled", None
            self.let_go(task)

    @precondition(lambda self: bool(self.model))
    @rule(place=places, force=st.booleans(), really=seldom)
    def delete(self, place: int, force: bool, really: bool) -> None:
        if not really:
            return
        task = self.pick(place)
        known = self.model.get(task)
        expected = 404 if known is None else 409 if known.state == "running" and not force else 204
        self.ask("DELETE", f"/tasks/{task}?force={str(force).lower()}", expected)
        if expected == 204:
            self.let_go(task)
            del self.model[task]
            self.gone.add(task)

    @precondition(lambda self: bool(self.model))
    @rule(place=places, beside=places)
    def wait_for(self, place: int, beside: int) -> None:
        task, other = self.pick(place), self.pick(beside)
        known, there = self.model.get(task), self.model.get(other)
        if known is None or (there is None and known.state not in ("running", *GIVEN_UP)):
            expected = 404
        elif known.state == "running":
            expected = 409
        elif known.state in GIVEN_UP or (there is not None and there.state in GIVEN_UP):
            expected = 400
        else:
            expected = 400 if self.lies_in_a_ring(task, other) else 200
        self.ask("POST", f"/tasks/{task}/dependencies", expected, blocked_by=[other])
        if expected == 200 and known is not None:
            known.waits_for.add(other)
            if known.state == "queued":
                known.state = "blocked"

    @precondition(lambda self: bool(self.model))
    @rule(place=places, beside=places)
    def wait_no_more(self, place: int, beside: int) -> None:
        task, other = self.pick(place), self.pick(beside)
        known = self.model.get(task)
        self.ask("DELETE", f"/tasks/{task}/dependencies/{other}", 200 if known else 404)
        if known and other in known.waits_for:
            known.waits_for.discard(other)
            if known.state == "blocked" and not self.held_up(task):
                known.state = "queued"

    @precondition(lambda self: bool(self.model))
    @rule(place=places, behind=st.integers(0, 1))
    def edit(self, place: int, behind: int) -> None:
        task = self.pick(place)
        if task not in self.model:
            self.ask("PATCH", f"/tasks/{task}", 404, version=1, title="y")
            return
        now = self.ask("GET", f"/tasks/{task}", 200)
        version = now["version"] - behind
        expected = 422 if version < 1 else 409 if behind else 200
        answer = self.ask("PATCH", f"/tasks/{task}", expected, version=version, title=f"{now['title'][:100]}y")
        if expected == 409:
            assert answer["current"]["version"] == now["version"]

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "client"):
            return
        rows = self.ask("GET", "/tasks?limit=500", 200)
        assert {row["id"]: (row["stage"], row["state"]) for row in rows} == {
            task: (known.stage, known.state) for task, known in self.model.items()
        }
        waiting = {row["task_id"] for row in self.ask("GET", "/tasks/queue", 200)}
        assert waiting == {task for task, known in self.model.items() if known.state in ("queued", "blocked")}
        live = self.ask("GET", "/runs?state=queued&state=running&limit=500", 200)
        assert {run["id"] for run in live} == {known.run for known in self.model.values() if known.run}
        self.runner.run(self._nobody_is_lost())

    async def _nobody_is_lost(self) -> None:
        async with self.hub.db.read() as session:
            assert [task.key for task in await orphans(session)] == []
            await compare_boards(session, self.hub.cards)


def test_the_task_api_does_as_its_model_says(sqlite_template: Path) -> None:
    Tasks.template = sqlite_template
    wanted = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Tasks, settings=wanted)
