"""AUTO_TRIGGER_AGENTS=false: each stage waits for a click, but for a plan that a person set going as a whole."""

from services.domain.states import PlanState, RunState, TaskState
from services.pauses.task import pause_run, pause_task
from services.plans.trigger import trigger_plan
from services.roles.read import workflow_by_id
from services.store.database import Database
from services.tasks.dependencies import add_dependencies
from services.tasks.ownership import stray_runs
from services.tasks.stages import enter_stage
from tests.support import factories as make


async def test_stages_wait_for_a_click_unless_the_whole_plan_was_triggered(
    database: Database,
) -> None:
    async with database.write() as session:
        project = await make.make_project(session)
        request = await make.make_request(session, project)
        plan = await make.make_plan(session, request, state=PlanState.APPROVED)
        workflow = await workflow_by_id(session, project.workflow_id)
        one = await make.make_task(session, project, plan_id=plan.id, stage="dev", state=TaskState.RUNNING)
        two = await make.make_task(session, project, plan_id=plan.id, stage="backlog", state=TaskState.BLOCKED)
        await add_dependencies(session, two, [one.id])

        async def done(flows: bool) -> tuple[str, str]:
            one.state, two.state, two.stage, two.waiting_reason = "running", "blocked", "backlog", None
            one.flows = two.flows = flows
            await session.flush()
            await enter_stage(session, one, workflow, workflow.stage("dev"), actor="dev", auto_trigger=False)
            seen = str(one.state)
            one.state = TaskState.RUNNING
            await enter_stage(session, one, workflow, workflow.done, actor="testing", auto_trigger=False)
            return seen, str(two.state)

        assert await done(flows=False) == ("waiting", "waiting")
        assert (two.stage, two.waiting_reason) == ("dev", "trigger")
        assert "press Run" in two.waiting_sentence
        assert await done(flows=True) == ("queued", "queued")

        one.state, one.stage, one.flows, two.flows = TaskState.WAITING, "dev", False, False
        one.waiting_reason, two.state, two.stage = "trigger", TaskState.BLOCKED, "backlog"
        plan.state = PlanState.APPROVED
        await session.flush()
        await trigger_plan(session, plan.id, "person")
        assert (one.flows, two.flows, one.state, two.state) == (True, True, "queued", "blocked")


async def test_what_a_person_paused_keeps_its_run_when_the_whole_plan_is_triggered(database: Database) -> None:
    async with database.write() as session:
        project = await make.make_project(session)
        plan = await make.make_plan(session, await make.make_request(session, project), state=PlanState.APPROVED)
        facts = {"plan_id": plan.id, "stage": "dev", "state": TaskState.RUNNING}
        tasks = [await make.make_task(session, project, **facts) for _ in range(2)]
        runs = [await make.make_run(session, task, state=RunState.RUNNING, owner="one") for task in tasks]
        for task, run in zip(tasks, runs, strict=True):
            task.current_run_id = run.id
        await session.flush()
        await pause_task(session, tasks[0].id, "person")
        await pause_run(session, runs[1].id, "person")
        await trigger_plan(session, plan.id, "person")
        assert [(task.state, task.current_run_id) for task in tasks] == [("paused", run.id) for run in runs]
        assert all(task.flows for task in tasks) and not await stray_runs(session)
