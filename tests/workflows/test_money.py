"""A run that ran out of money waits, and goes on when there is more: what it had paid for is not paid again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
import pytest_asyncio
import sqlalchemy as sa
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from main_api.gateway import Gateway
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.models.prices import Price
from services.projects.edit import edit_project
from services.store.models import Handoff, Project, Request, Run
from services.tasks.control import trigger
from services.tasks.funds import set_day_budget
from tests.integration.gateway.conftest import PRICED, providers_at, serving
from tests.integration.gateway.provider import CountingProvider
from tests.workflows.conftest import PLAN, SECONDS, Hub, git, report_of

ONE = Price("gpt-4o-mini", "https://api.openai.com/v1").cost(12, 1000)  # a call that uses all that it was allowed


@dataclass
class Bank:
    """A gateway in front of a provider that counts, and an agent's way to ask it questions in turn."""

    hub: Hub
    provider: CountingProvider
    port: int

    @property
    def asked(self) -> list[str]:
        """By the provider's own book."""
        return [body["messages"][0]["content"] for _, body, _ in self.provider.asked]

    async def ask(self, spec: RunSpec, questions: int) -> RunResult | None:
        """What stopped it, None for nothing. A restarted job's token says so, as agent-api's does."""
        assert spec.model is not None
        key = f"{spec.model.token}.{self.hub.agent.starts[spec.run_id, spec.step]}"
        root = f"http://127.0.0.1:{self.port}/gateway/openai/v1"
        client = AsyncOpenAI(base_url=root, api_key=key, max_retries=0, http_client=DefaultAsyncHttpx2Client())
        said = spec.settings.message if spec.settings.executor == "aider" else spec.settings.prompt  # type: ignore
        words = hashlib.sha256(said.encode()).hexdigest()[:8]  # other words make another question
        for number in range(questions):
            question = {"role": "user", "content": f"{spec.role} {number} {words}"}
            try:
                await client.chat.completions.create(model=PRICED, messages=[question], max_tokens=1000)  # type: ignore
            except openai.RateLimitError as error:
                return RunResult(outcome="failed", reason=str(error.code), sentence=str(error))
        return None

    async def limit(self, calls: float | None) -> None:
        """What a run of the project may cost; a person says it."""
        usd = None if calls is None else calls * 1.05 * ONE
        async with self.hub.bench.db.write() as session:
            project = await session.get_one(Project, self.hub.project_id)
            await edit_project(session, project.id, project.version, {"run_budget_usd": usd}, "person")

    async def runs(self, stage: str) -> list[Run]:
        async with self.hub.bench.db.read() as session:
            return list(await session.scalars(sa.select(Run).where(Run.stage == stage).order_by(Run.queued_at)))


@pytest_asyncio.fixture
async def bank(hub: Hub) -> AsyncIterator[Bank]:
    provider = CountingProvider(tokens=(12, 1000))
    provider.gate.set()
    await provider.start()
    secret = hub.bench.settings.secret_key.get_secret_value()
    async with serving(Gateway(hub.bench.db, providers_at(provider.url), secret)) as port:
        yield Bank(hub, provider, port)
    await provider.stop()


def editing(bank: Bank, questions: int) -> Callable[[RunSpec], Awaitable[RunResult] | RunResult]:
    """DEV leaves half an edit behind where the money ends."""

    async def edit(spec: RunSpec) -> RunResult:
        path = Path(spec.worktree) / "one.txt"
        path.write_text((path.read_text() if path.exists() else "") + "half ")
        stopped = await bank.ask(spec, questions)
        if stopped is not None:
            return stopped
        path.write_text(path.read_text() + "whole\n")
        return RunResult(outcome="completed", files_touched=("one.txt",))

    return lambda spec: edit(spec) if spec.role == "dev" else bank.hub.script.write(spec)


async def one_task(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()


async def test_the_same_run_goes_on_and_only_what_is_new_is_paid(bank: Bank) -> None:
    hub = bank.hub
    hub.script.on_aider = editing(bank, 4)
    await bank.limit(2)
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="budget")
    assert "The run's budget" in task.waiting_sentence and task.round == 1
    (stopped,) = await bank.runs("dev")
    assert (stopped.state, stopped.reason) == ("blocked", "budget_exceeded") and len(bank.asked) == 2
    await bank.limit(3)  # not enough: it comes back, with one more answer in the store
    await hub.until(lambda s: s.scalar(sa.select(Run).where(Run.resumed == 1, Run.state == "blocked")))
    await hub.task("POC-1", state="waiting", waiting_reason="budget")
    assert len(bank.asked) == 3
    await bank.limit(4)
    task = await hub.task("POC-1", state="waiting", waiting_reason="approval")
    assert len(bank.asked) == len(set(bank.asked)) == 4, "no question was asked, or paid, twice"
    (run,) = await bank.runs("dev")
    assert (run.id, run.state, run.attempt, run.resumed) == (stopped.id, "passed", 1, 2)
    assert run.cost == pytest.approx(4 * ONE) and run.finished_at is not None
    mirror = hub.bench.repos.mirror(hub.project_id)
    assert git(mirror, "show", f"{task.branch}:one.txt") == "half whole", "it began at the checkpoint each time"
    async with hub.bench.db.read() as session:
        states = (await session.scalars(sa.select(Handoff.state))).all()
    assert "accepted" not in states


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_a_run_has_done_before_the_step_that_stopped_stays_done(bank: Bank) -> None:
    """Also where its orchestrator dies at the moment of going on: the sweep starts the new story."""
    hub, stops = bank.hub, [1]

    def command(spec: RunSpec) -> RunResult:
        if spec.role == "qa" and "base" not in spec.step and stops:
            stops.pop()
            return RunResult(outcome="failed", reason="budget_exceeded", sentence="No money.", incarnation=1)
        return report_of("old", "one")

    hub.script.on_command = command
    await one_task(hub)
    await hub.task("POC-1", state="waiting", waiting_reason="budget")
    carry, lost = hub.admission.carry, []
    hub.admission.carry = lambda one, **_: lost.append(one)  # type: ignore[method-assign,assignment]
    await bank.limit(None)
    await bank.limit(1)
    async with hub.bench.db.write() as session:
        await set_day_budget(session, 1.0, "person")
    await hub.task("POC-1", state="running")
    async with asyncio.timeout(SECONDS):
        while not lost:  # noqa: ASYNC110 - the loop calls it
            await asyncio.sleep(0.01)
    hub.admission.carry = carry  # type: ignore[method-assign]
    await hub.sweep()
    await hub.task("POC-1", state="waiting", waiting_reason="approval")
    (run,) = await bank.runs("qa")
    starts = {step: count for (run_id, step), count in hub.agent.starts.items() if run_id == run.id}
    assert run.resumed == 1 and starts == {"0-judge": 1, "2-tests-base": 1, "3-tests": 2}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_person_who_presses_run_begins_anew(bank: Bank) -> None:
    hub = bank.hub
    hub.script.on_aider = editing(bank, 2)
    await bank.limit(1)
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="budget")
    async with hub.bench.db.write() as session:
        (await session.get_one(Project, hub.project_id)).run_budget_usd = None
        await trigger(session, task.id, "person")
    await hub.task("POC-1", state="waiting", waiting_reason="approval")
    first, second = await bank.runs("dev")
    assert (first.state, second.state, second.attempt) == ("blocked", "passed", 2)
    assert len(bank.asked) == 3, "a new attempt pays anew"


async def test_a_request_whose_planning_ran_out_of_money_is_planned_on(bank: Bank) -> None:
    hub = bank.hub

    async def plan(spec: RunSpec) -> RunResult:
        return await bank.ask(spec, 3) or RunResult(outcome="completed", answer=PLAN)

    hub.script.on_tools = plan
    await bank.limit(2)
    request_id = await hub.ask()
    request = await hub.until(lambda s: s.scalar(sa.select(Request).where(Request.state == "failed")))
    assert "The run's budget" in request.sentence
    await bank.limit(3)
    made = await hub.plan()
    (run,) = await bank.runs("plan")
    assert (run.state, run.resumed, made.run_id, made.request_id) == ("passed", 1, run.id, request_id)
    assert len(bank.asked) == len(set(bank.asked)) == 3
