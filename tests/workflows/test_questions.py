"""An agent asks and its task waits, for ever if need be; with the answer a new run goes on. The PM's questions too."""

import asyncio

import pytest
import sqlalchemy as sa

from services.contract.asking import AskedQuestion
from services.contract.run_result import RunResult
from services.contract.run_spec import RunSpec
from services.domain.errors import AlreadyDecided, Conflict, InvalidInput
from services.questions.answer import answer
from services.store.models import Comment, Finding, Plan, Question, Run
from services.tasks.control import trigger
from tests.workflows.conftest import PLAN, Hub, git

ASKS = RunResult(
    outcome="asked", reason="asked", sentence="It asks: Euro or dollar?",
    questions=(AskedQuestion(text="Euro or dollar?", options=("Euro", "Dollar")),),
)  # fmt: skip


def asks_once(hub: Hub) -> None:
    """DEV leaves half an edit and asks; once it is told an answer it does the work."""

    def aider(spec: RunSpec) -> RunResult:
        done = hub.script.write(spec)
        return done if spec.role != "dev" or "Asked: Euro" in spec.settings.message else ASKS

    hub.script.on_aider = aider
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}


async def say(hub: Hub, text: str) -> Question:
    asked = await hub.until(lambda s: s.scalar(sa.select(Question).where(Question.state == "asked")))
    async with hub.bench.db.write() as session:
        return await answer(session, asked.id, text, "person")


async def test_a_task_waits_for_the_answer_and_goes_on_with_it(hub: Hub) -> None:
    asks_once(hub)
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting")
    assert (task.stage, task.waiting_reason, task.waiting_sentence) == ("dev", "answer", "It asks: Euro or dollar?")
    await asyncio.sleep(1.2)  # sweeps and admissions come and go: nobody answers in the person's place
    assert (await hub.task("POC-1")).state == "waiting"
    with pytest.raises(InvalidInput):
        await say(hub, "x" * 1_000_000)
    asked = await say(hub, "In euro.")
    assert (asked.options, asked.role, asked.stage) == (["Euro", "Dollar"], "dev", "dev")
    async with hub.bench.db.write() as session:
        with pytest.raises(AlreadyDecided, match="decided before: answered by person"):
            await answer(session, asked.id, "No, dollar.", "person")
    await hub.approval("POC-1")
    async with hub.bench.db.read() as session:
        runs = (await session.scalars(sa.select(Run).where(Run.stage == "dev").order_by(Run.queued_at))).all()
        said = (await session.scalars(sa.select(Comment.body).where(Comment.run_id == runs[0].id))).all()
        assert (await session.scalars(sa.select(Finding))).all() == []
    assert [(run.state, run.result, run.reason, run.round) for run in runs] == [
        ("blocked", "blocked", "asked", 1), ("passed", "pass", "", 1),
    ]  # fmt: skip
    assert runs[0].head_sha is None  # half an edit does not count
    assert runs[1].checkpoint_sha == runs[0].checkpoint_sha
    assert "It asks: Euro or dollar?" in said[0]
    prompts = [spec.settings.message for spec in hub.script.specs if spec.role == "dev"]  # type: ignore[union-attr]
    assert "The person answered: In euro." not in prompts[0]
    assert "Asked: Euro or dollar?\nThe person answered: In euro." in prompts[1]
    assert "It asks: Euro or dollar?" in prompts[1]  # the session's
    assert git(hub.workspace, "status", "--porcelain") == ""


async def test_run_again_without_an_answer_makes_none_up(hub: Hub) -> None:
    asks_once(hub)
    await hub.ask()
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting")
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    await hub.approval("POC-1")
    asked = await hub.until(lambda s: s.scalar(sa.select(Question)))
    assert (asked.state, asked.answer) == ("void", None)
    prompt = [spec.settings.message for spec in hub.script.specs if spec.role == "dev"][-1]  # type: ignore[union-attr]
    assert "Nobody answered it: It was run again by person, without an answer." in prompt
    with pytest.raises(Conflict, match="no longer asked"):
        async with hub.bench.db.write() as session:
            await answer(session, asked.id, "Euro", "person")


async def test_the_pm_plans_anew_with_the_answers(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "questions": ["Which words?", "In which language?"]}
    await hub.ask()
    plan = await hub.plan()
    await say(hub, "One and two.")
    hub.script.plan = PLAN
    assert (await hub.plan()).id == plan.id  # one is still open
    await say(hub, "English.")
    second = await hub.until(lambda s: s.scalar(sa.select(Plan).where(Plan.number == 2, Plan.state == "waiting")))
    prompt = hub.script.specs[-1].settings.prompt  # type: ignore[union-attr]
    assert "Asked: Which words?\nThe person answered: One and two." in prompt
    assert "Asked: In which language?\nThe person answered: English." in prompt
    assert second.body["questions"] == []
    assert (await hub.plan("changes_asked")).id == plan.id
