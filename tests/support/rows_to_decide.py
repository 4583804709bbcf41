"""What a person may decide about, one maker a kind: each answers the ids that a route about it takes."""

from typing import Any

from services.chat.say import Place, say
from services.contract.asking import AskedQuestion
from services.deploys import queue as deploys
from services.domain.states import DeployState, MessageState, RequestState, RunState, TaskState
from services.questions.ask import ask
from services.store.models import Project, Push, Run, Task
from services.store.types import now
from tests.support import factories as make

At = dict[str, Any]


async def a_project(session: Any, project: Project) -> At:
    fresh = await make.make_project(session, workflow_id=project.workflow_id)
    return {"project_id": fresh.id, "version": fresh.version}


async def a_task(session: Any, project: Project, **values: Any) -> At:
    fresh = await make.make_project(session, workflow_id=project.workflow_id)
    task = await make.make_task(session, fresh, **values)
    return {"task_id": task.id, "version": task.version, "project_id": fresh.id}


async def a_task_of(session: Any, at: At) -> Task:
    return await session.get_one(Task, at["task_id"])


async def an_approval(session: Any, project: Project) -> At:
    at = await a_task(session, project, stage="deploy", state=TaskState.WAITING, waiting_reason="approval")
    return at | {"approval_id": (await make.make_approval(session, await a_task_of(session, at))).id}


async def a_comment(session: Any, project: Project) -> At:
    at = await a_task(session, project)
    row = await make.make_comment(session, await a_task_of(session, at))
    return at | {"comment_id": row.id, "version": row.version}


async def a_criterion(session: Any, project: Project) -> At:
    at = await a_task(session, project)
    row = await make.make_criterion(session, await a_task_of(session, at))
    return at | {"criterion_id": row.id, "version": row.version}


async def a_finding(session: Any, project: Project) -> At:
    at = await a_task(session, project, stage="dev")
    task = await a_task_of(session, at)
    return at | {"finding_id": (await make.make_finding(session, task)).id,
                 "of": (await make.make_finding(session, task)).id}  # fmt: skip


async def a_waived_finding(session: Any, project: Project) -> At:
    at = await a_task(session, project, stage="dev")
    return at | {"finding_id": (await make.make_finding(session, await a_task_of(session, at), state="waived")).id}


async def a_handoff(session: Any, project: Project, state: str = "created") -> At:
    at = await a_task(session, project, stage="dev")
    return at | {"handoff_id": (await make.make_handoff(session, await a_task_of(session, at), state=state)).id}


async def an_accepted_handoff(session: Any, project: Project) -> At:
    return await a_handoff(session, project, "accepted")


async def a_run(session: Any, project: Project) -> At:
    at = await a_task(session, project, stage="dev", state=TaskState.RUNNING)
    task = await a_task_of(session, at)
    task.current_run_id = (await make.make_run(session, task, state=RunState.RUNNING)).id
    return at | {"run_id": task.current_run_id}


async def a_paused_project(session: Any, project: Project) -> At:
    at = await a_project(session, project)
    (await session.get_one(Project, at["project_id"])).paused = True
    return at


async def a_paused_task(session: Any, project: Project) -> At:
    return await a_task(session, project, stage="dev", state=TaskState.PAUSED, paused_at=now(), paused_by="person")


async def a_paused_run(session: Any, project: Project) -> At:
    at = await a_run(session, project)
    (await session.get_one(Run, at["run_id"])).paused_at = now()
    return at


async def a_dependent_task(session: Any, project: Project) -> At:
    at = await a_task(session, project)
    task = await a_task_of(session, at)
    other = await make.make_task(session, await session.get_one(Project, at["project_id"]))
    await make.make_dependency(session, task, other)
    return at | {"blocked_by_id": other.id}


async def two_tasks(session: Any, project: Project) -> At:
    at = await a_task(session, project)
    return at | {"of": (await make.make_task(session, await session.get_one(Project, at["project_id"]))).id}


async def a_plan(session: Any, project: Project) -> At:
    fresh = await make.make_project(session, workflow_id=project.workflow_id)
    request = await make.make_request(session, fresh, state=RequestState.PLANNED)
    body = {
        "summary": "One.",
        "tasks": [{"id": "a", "title": "A", "description": "x", "criteria": [{"text": "t", "check": "c"}]}],
    }
    plan = await make.make_plan(session, request, body=body)
    return {"plan_id": plan.id, "version": plan.version}


async def a_failed_request(session: Any, project: Project) -> At:
    fresh = await make.make_project(session, workflow_id=project.workflow_id)
    return {"request_id": (await make.make_request(session, fresh, state=RequestState.FAILED)).id}


async def a_question(session: Any, project: Project) -> At:
    at = await a_task(session, project, stage="dev", state=TaskState.WAITING, waiting_reason="answer")
    task = await a_task_of(session, at)
    run = await make.make_run(session, task, state=RunState.BLOCKED, reason="asked")
    (row,) = await ask(session, run, [AskedQuestion(text="Which?")], task=task)
    return at | {"question_id": row.id}


async def a_project_that_deploys(session: Any, project: Project) -> At:
    at = await a_project(session, project)
    fresh = await session.get_one(Project, at["project_id"])
    fresh.settings = {"deploy": {"command": "./deploy.sh"}}
    return at


async def a_queued_deploy(session: Any, project: Project) -> At:
    at = await a_project_that_deploys(session, project)
    fresh = await session.get_one(Project, at["project_id"])
    return at | {"deploy_id": (await deploys.ask(session, fresh, actor="person")).id}


async def a_failed_deploy(session: Any, project: Project) -> At:
    at = await a_queued_deploy(session, project)
    row = await deploys.get_deploy(session, at["deploy_id"])
    await deploys.end(session, row, DeployState.FAILED, "deploy ended with exit code 1.")
    return at


async def a_refused_push(session: Any, project: Project) -> At:
    at = await a_task(session, project)
    push = Push(
        project_id=at["project_id"], task_id=at["task_id"], remote="origin", branch="main", commit="c" * 40,
        state="refused", sentence="The remote refused it.",
    )  # fmt: skip
    session.add(push)
    return at


async def a_question_asked(session: Any, project: Project) -> At:
    """By a person in the chat, and answered."""
    asked = await say(session, Place(project.id), "question", "Why?", "person")
    asked.answer.state, asked.answer.told_by = "done", "record"
    return {"message_id": asked.said.id, "version": asked.said.version, "project_id": project.id}


async def an_answer(session: Any, project: Project) -> At:
    at = await a_question_asked(session, project)
    return {"message_id": at["message_id"] + 1}


async def a_command_that_asks(session: Any, project: Project) -> At:
    asked = await say(session, Place(project.id), "command", "/budget 5", "person", state=MessageState.ASKS)
    asked.answer.about = {"usd": 5.0}
    return {"message_id": asked.answer.id}
