"""Everything a person does is an event with before and after: every route that changes something is called once."""

import asyncio
import shutil
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from main_api.openapi import schema
from scripts.reference.events import is_known
from services.choices.model_jobs import ask_for
from services.events.log import last_seq
from services.roles.read import newest_workflow
from services.store.models import Project, ReviewComment
from services.trackers.made_up import TOKEN
from tests.support import factories as make
from tests.support.rows_to_decide import (
    At,
    a_command_that_asks,
    a_comment,
    a_criterion,
    a_dependent_task,
    a_failed_deploy,
    a_failed_request,
    a_finding,
    a_handoff,
    a_paused_project,
    a_paused_run,
    a_paused_task,
    a_plan,
    a_project,
    a_project_that_deploys,
    a_question,
    a_question_asked,
    a_queued_deploy,
    a_refused_push,
    a_run,
    a_task,
    a_waived_finding,
    an_accepted_handoff,
    an_answer,
    an_approval,
    two_tasks,
)

FILE: At = {"files": {"file": ("a.txt", b"text", "text/plain")}}
SMALL = (
    "name: tiny\nstart: dev\nstages:\n  - { name: backlog, title: Backlog }\n  - name: dev\n    title: DEV\n"
    "    role: dev\n    steps: [{ executor: aider }]\n    gate: { changes_required: true }\n"
    "  - { name: done, title: Done }\n"
)
EXCEPTIONS = {
    "POST /workflows/check": "reads a text and keeps nothing",
    "POST /providers/test": "asks a model's server, and keeps nothing",
    "POST /providers/{name}/test": "the same",
    "POST /direct-calls": "opens a way to a model; each of its calls is recorded by the gateway",
    "POST /projects/preview": "looks at a folder, and makes nothing",
    "POST /projects/{project_id}/workspace/foresee": "says what a switch would mean, and makes none",
    "DELETE /session": "with the owner's token, as here, there is no session to end (tests/api/test_sessions.py)",
    "DELETE /sessions": "the same: nobody else is signed in here",
    "DELETE /sessions/{session_id}": "the same",
    "POST /tasks/{task_id}/undo-merge": "needs a merge; its event is looked at in tests/api/test_ways_back.py",
    "POST /tasks/{task_id}/rollback": "needs a run's checkpoint; the same",
    "POST /tasks/{task_id}/recover": "needs a branch; the same",
    "POST /plans/{plan_id}/replan": "needs an approved plan with work left; looked at in tests/api/test_requests.py",
    "POST /tasks/{task_id}/edits/foresee": "says what an edit would mean, and makes none",
    "POST /tasks/{task_id}/review": "needs a change; its events are looked at in tests/api/test_reviews.py",
    "POST /tasks/{task_id}/review/comments": "the same",
    "POST /integrations/credentials/{credential_id}/test": "asks the tracker, and keeps nothing",
    "POST /integrations/imports/{import_id}/cancel": "needs one under way; looked at in tests/api/test_integrations.py",
    "DELETE /models/{name}": "needs an Ollama; its event is looked at in tests/api/test_models.py",
    "POST /runs/{run_id}/gate/override": "needs a gate that failed; looked at in tests/workflows/test_gates.py",
}


@dataclass
class World:
    """One hub; each call gets rows of its own."""

    hub: HubParts
    client: httpx.AsyncClient
    project: Project
    held: list[socket.socket] = field(default_factory=list[socket.socket])

    async def rows(self, of: Callable[..., Awaitable[Any]]) -> At:
        async with self.hub.db.write() as session:
            return await of(session, self.project)


async def nothing(_session: Any, _project: Project) -> At:
    return {}


async def a_log(_session: Any, _project: Project) -> At:
    return {"name": "main-api"}  # told of, and cleared, whether it was written or not


async def _bug(world: World) -> At:
    made = (await world.client.post("/bugs", json={"title": "It hangs", "project_id": world.project.id})).json()
    return {"bug_id": made["id"], "version": made["version"], "project_id": world.project.id}


async def _attachment(world: World) -> At:
    at = await world.rows(a_task)
    made = (await world.client.post(f"/tasks/{at['task_id']}/attachments", **FILE)).json()
    return {"attachment_id": made["id"], "version": made["version"]}


async def _folder(world: World) -> At:
    made = (await world.client.post("/projects", json={"name": "Found", "workspace_path": "found"})).json()
    (world.hub.settings.workspaces_dir / "found" / "package.json").write_text('{"name": "found"}')
    return {"project_id": made["id"], "version": made["version"]}


async def _origin(world: World) -> At:
    """A repository that is cloned; a name that is free."""
    made = (await world.client.post("/projects", json={"name": "Origin", "workspace_path": "origin"})).json()
    name = f"clone-{len((await world.client.get('/clones')).json())}"
    return {"url": f"file://{made['workspace_path']}", "workspace_path": name}


async def _clone(world: World) -> At:
    """One that is still under way: its server takes the call and says nothing."""
    silent = socket.create_server(("127.0.0.1", 0))
    world.held.append(silent)
    body = {"url": f"https://127.0.0.1:{silent.getsockname()[1]}/till.git", "workspace_path": "till-clone"}
    return {"clone_id": (await world.client.post("/clones", json=body)).json()["id"]}


async def _archived(world: World) -> At:
    at = await world.rows(a_project)
    assert (await world.client.post(f"/projects/{at['project_id']}/archive")).status_code == 200
    return at


async def _moved(world: World) -> At:
    made = (await world.client.post("/projects", json={"name": "Left", "workspace_path": "left"})).json()
    place = world.hub.settings.workspaces_dir / "arrived"
    await asyncio.to_thread(shutil.copytree, made["workspace_path"], place)
    return {"project_id": made["id"], "version": made["version"], "workspace_path": str(place)}


async def _profile(world: World) -> At:
    body = {"name": "ollama/forgotten:1b", "fields": {"context_tokens": 4096}}
    assert (await world.client.post("/model-profiles", json=body)).status_code == 200
    return {"name": body["name"]}


async def _model_job(world: World) -> At:
    async with world.hub.db.write() as session:
        job = await ask_for(session, "pull", "ollama/large:7b", {}, actor="person", most=9)
    return {"job_id": job.id}


async def _credential(world: World) -> At:
    body = {"provider": "site", "label": "token", "value": "of the site"}
    return {"credential_id": (await world.client.post("/credentials", json=body)).json()["id"]}


async def _sign_in(world: World, label: str) -> At:
    body = {"provider": "made_up", "label": label, "token": TOKEN}
    made = (await world.client.post("/integrations/credentials", json=body)).json()
    return {"credential_id": made["id"], "project_id": world.project.id}


async def _tied(world: World, label: str) -> At:
    body = {**await _sign_in(world, label), "external_id": "attic" if label == "untied" else "shop"}
    return {"mapping_id": (await world.client.post("/integrations/project-mapping", json=body)).json()["id"]}


async def _provider(world: World, name: str) -> At:
    """None of its address listens: it is kept all the same."""
    body = {"name": name, "url": "http://127.0.0.1:9/v1"}
    answer = await world.client.post("/providers", json=body)
    assert answer.status_code == 201, answer.text
    return {"name": name, "version": answer.json()["provider"]["version"]}


async def _hub_settings(world: World) -> At:
    version = (await world.client.get("/settings")).json()["version"]
    answer = await world.client.patch("/settings", json={"version": version, "run_budget_usd": version})
    return {"version": answer.json()["version"], "undo": answer.json()["version"]}


async def _changed_provider(world: World) -> At:
    at = await _provider(world, "moved")
    body = {"version": at["version"], "url": "http://127.0.0.1:10/v1"}
    version = (await world.client.patch("/providers/moved", json=body)).json()["provider"]["version"]
    return {"name": "moved", "version": version, "undo": version}


Body = Callable[[At], dict[str, Any]]


def js(**body: Any) -> Body:
    """A JSON body; a value that is a type stands for what the rows say under its name."""
    return lambda at: {"json": {name: at[name] if value is At else value for name, value in body.items()}}


def plain(_at: At) -> dict[str, Any]:
    return {}


def file(**fields: Any) -> Body:
    return lambda at: {**FILE, "data": {name: at[name] if value is At else value for name, value in fields.items()}}


def approve(at: At) -> At:
    return {"item": f"approval:{at['approval_id']}", "decision": "approve"}


NOTE = js(note="Because.")


async def _draft(world: World) -> At:
    """A comment on a change that git need not know of: only its words are changed here."""
    async with world.hub.db.write() as session:
        at = await a_task(session, world.project, stage="dev")
        about = {"author": "person", "patch_id": "p", "base_sha": "b", "head_sha": "h", "path": "a.py", "quote": "x"}
        words = {"side": "new", "line": 1, "severity": "low", "text": "Why?"}
        row = ReviewComment(project_id=at["project_id"], task_id=at["task_id"], **about, **words)
        session.add(row)
        await session.flush()
        return at | {"comment_id": row.id, "version": row.version}


CALLS: dict[str, tuple[Callable[..., Awaitable[At]], Body]] = {
    "POST /approvals/{approval_id}/approve": (an_approval, plain),
    "POST /approvals/{approval_id}/reject": (an_approval, NOTE),
    "POST /approvals/{approval_id}/request-changes": (an_approval, NOTE),
    "DELETE /attachments/{attachment_id}": (_attachment, plain),
    "PATCH /attachments/{attachment_id}": (_attachment, js(version=At, description="The till")),
    "POST /board/moves": (a_task, js(task_id=At, stage="dev")),
    "PUT /budgets/runs/{run_id}": (a_run, js(limit_usd=2)),
    "PUT /budgets/today": (nothing, js(limit_usd=5)),
    "POST /bugs": (a_project, js(title="It hangs", project_id=At)),
    "DELETE /bugs/{bug_id}": (_bug, plain),
    "PATCH /bugs/{bug_id}": (_bug, js(version=At, title="It hangs often")),
    "POST /bugs/{bug_id}/attachments": (_bug, file()),
    "POST /bugs/{bug_id}/request": (_bug, plain),
    "POST /bugs/{bug_id}/task": (_bug, plain),
    "POST /chat/messages": (a_project, js(project_id=At, text="What waits for me?")),
    "PATCH /chat/messages/{message_id}": (a_question_asked, js(version=At, text="Why not?")),
    "POST /chat/messages/{message_id}/confirm": (a_command_that_asks, plain),
    "POST /chat/messages/{message_id}/retry": (an_answer, plain),
    "POST /chat/messages/{message_id}/stop": (a_command_that_asks, plain),
    "POST /comments/{comment_id}/attachments": (a_comment, file()),
    "POST /credentials": (nothing, js(provider="shop", label="token", value="of the shop")),
    "DELETE /credentials/{credential_id}": (_credential, plain),
    "POST /deploys/{deploy_id}/cancel": (a_queued_deploy, plain),
    "POST /deploys/{deploy_id}/decision": (a_failed_deploy, js(decision="accept")),
    "POST /findings/{finding_id}/duplicate": (a_finding, js(of=At)),
    "POST /findings/{finding_id}/reopen": (a_waived_finding, plain),
    "POST /findings/{finding_id}/task": (a_finding, plain),
    "POST /findings/{finding_id}/waive": (a_finding, NOTE),
    "POST /handoffs/{handoff_id}/accept": (a_handoff, plain),
    "POST /handoffs/{handoff_id}/complete": (an_accepted_handoff, plain),
    "POST /handoffs/{handoff_id}/fail": (a_handoff, NOTE),
    "POST /tasks/{task_id}/feedback": (a_task, js(text="Use Decimal.")),
    "PATCH /tasks/{task_id}/review/comments/{comment_id}": (_draft, js(version=At, text="Why so?")),
    "DELETE /tasks/{task_id}/review/comments/{comment_id}": (_draft, plain),
    "POST /login": (nothing, lambda _at: {"json": {"token": "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"}}),
    "POST /login/links": (nothing, plain),
    "POST /inbox/decisions": (an_approval, lambda at: {"json": {"decisions": [approve(at)]}}),
    "POST /model-jobs": (nothing, js(kind="bench", model="ollama/none:1b")),
    "POST /model-jobs/{job_id}/cancel": (_model_job, plain),
    "POST /model-profiles": (nothing, js(name="ollama/new:1b", fields={"context_tokens": 4096})),
    "DELETE /model-profiles/{name}": (_profile, plain),
    "POST /logs/{name}/clear": (a_log, plain),
    "POST /pause": (nothing, plain),
    "POST /resume": (nothing, plain),  # after the pause
    "PATCH /plans/{plan_id}": (a_plan, js(version=At, summary="Another one.")),
    "PATCH /notices/settings": (nothing, js(version=1, command=["/bin/true"], secret="s" * 32)),
    "POST /notices/test": (nothing, plain),
    "POST /plans/{plan_id}/approve": (a_plan, plain),
    "POST /plans/{plan_id}/reject": (a_plan, NOTE),
    "POST /plans/{plan_id}/request-changes": (a_plan, js(feedback="Split it.")),
    "POST /plans/{plan_id}/trigger": (a_plan, plain),
    "PATCH /settings": (_hub_settings, js(version=At, offline=True)),
    "POST /settings/undo": (_hub_settings, js(version=At, undo=At)),
    "POST /providers": (nothing, js(name="lab", url="http://127.0.0.1:9/v1")),
    "PATCH /providers/{name}": (lambda w: _provider(w, "bench"), js(version=At, url="http://127.0.0.1:10/v1")),
    "DELETE /providers/{name}": (lambda w: _provider(w, "shed"), plain),
    "POST /providers/{name}/undo": (_changed_provider, js(version=At, undo=At)),
    "PUT /principles": (nothing, js(version=1, text="- Be careful.")),
    "POST /projects": (nothing, js(name="Till", workspace_path="till")),
    "DELETE /projects/{project_id}": (a_project, plain),
    "PATCH /projects/{project_id}": (a_project, js(version=At, name="Another name")),
    "POST /integrations/credentials": (nothing, js(provider="made_up", label="told", token=TOKEN)),
    "PUT /integrations/credentials/{credential_id}": (lambda w: _sign_in(w, "again"), js(token=TOKEN)),
    "DELETE /integrations/credentials/{credential_id}": (lambda w: _sign_in(w, "gone"), plain),
    "POST /integrations/project-mapping": (
        lambda w: _sign_in(w, "tied"),
        js(credential_id=At, external_id="attic", project_id=At),
    ),
    "DELETE /integrations/project-mapping/{mapping_id}": (lambda w: _tied(w, "untied"), plain),
    "POST /integrations/import": (lambda w: _tied(w, "import"), js(mapping_id=At, tasks=["t4"])),
    "POST /clones": (lambda w: _origin(w), js(url=At, workspace_path=At)),
    "POST /clones/{clone_id}/cancel": (lambda w: _clone(w), plain),
    "POST /projects/{project_id}/archive": (a_project, plain),
    "POST /projects/{project_id}/unarchive": (lambda w: _archived(w), plain),
    "POST /projects/{project_id}/workspace": (lambda w: _moved(w), js(version=At, workspace_path=At)),
    "POST /projects/{project_id}/deploy": (a_project_that_deploys, plain),
    "POST /projects/{project_id}/discover": (_folder, js(version=At)),
    "POST /projects/{project_id}/pause": (a_project, plain),
    "POST /projects/{project_id}/push": (a_refused_push, plain),
    "POST /projects/{project_id}/resume": (a_paused_project, plain),
    "POST /questions/{question_id}/answer": (a_question, js(answer="The first.")),
    "POST /requests": (a_project, js(project_id=At, text="A greeting.")),
    "POST /requests/with-files": (a_project, file(project_id=At, text="A greeting.")),
    "POST /requests/{request_id}/attachments": (a_failed_request, file()),
    "POST /requests/{request_id}/close": (a_failed_request, plain),
    "POST /requests/{request_id}/retry": (a_failed_request, plain),
    "POST /roles": (nothing, js(name="reviewer", title="Reviewer", prompt="Review it.")),
    "PATCH /roles/{name}": (lambda _w: _role("dev"), js(version=1, title="Developer")),
    "PUT /roles/{name}/models": (lambda _w: _role("qa"), js(version=1, models=["ollama/qwen2.5-coder:7b"])),
    "POST /roles/{name}/revert": (lambda _w: _role("dev"), js(version=2, to=1)),
    "POST /runs": (a_task, js(task_id=At)),
    "PATCH /runs/{run_id}": (a_run, js(summary="Half of it.")),
    "POST /runs/{run_id}/kill": (a_run, plain),
    "POST /runs/{run_id}/pause": (a_run, plain),
    "POST /runs/{run_id}/resume": (a_paused_run, plain),
    "POST /tasks": (a_project, js(project_id=At, title="Say hello")),
    "DELETE /tasks/{task_id}": (a_task, plain),
    "PATCH /tasks/{task_id}": (a_task, js(version=At, title="Say hi")),
    "POST /tasks/{task_id}/advance-stage": (a_task, plain),
    "POST /tasks/{task_id}/attachments": (a_task, file()),
    "POST /tasks/{task_id}/cancel": (a_task, plain),
    "POST /tasks/{task_id}/comments": (a_task, js(body="Mind the tax.")),
    "DELETE /tasks/{task_id}/comments/{comment_id}": (a_comment, plain),
    "PATCH /tasks/{task_id}/comments/{comment_id}": (a_comment, js(version=At, body="Mind the VAT.")),
    "POST /tasks/{task_id}/criteria": (a_task, js(text="It says hello")),
    "DELETE /tasks/{task_id}/criteria/{criterion_id}": (a_criterion, plain),
    "PATCH /tasks/{task_id}/criteria/{criterion_id}": (a_criterion, js(version=At, text="It says hi")),
    "POST /tasks/{task_id}/dependencies": (two_tasks, lambda at: {"json": {"blocked_by": [at["of"]]}}),
    "DELETE /tasks/{task_id}/dependencies/{blocked_by_id}": (a_dependent_task, plain),
    "POST /tasks/{task_id}/handoffs": (a_task, js(to_stage="dev")),
    "POST /tasks/{task_id}/pause": (a_task, plain),
    "POST /tasks/{task_id}/proofs": (a_task, file(kind="log")),
    "POST /tasks/{task_id}/resume": (a_paused_task, plain),
    "POST /tasks/{task_id}/set-stage": (a_task, js(stage="dev")),
    "POST /tasks/{task_id}/trigger": (a_task, plain),
    "POST /tasks/{task_id}/update-context": (a_task, js(decisions=["Prices are whole cents"])),
    "POST /workflows": (nothing, js(source=SMALL)),
}


async def _role(name: str) -> At:
    return {"name": name}


def mutating() -> set[str]:
    paths = schema()["paths"].items()
    return {f"{method.upper()} {path}" for path, methods in paths for method in methods if method != "get"}


def test_every_route_that_changes_something_is_called_here_or_says_why_not() -> None:
    assert mutating() - CALLS.keys() - EXCEPTIONS.keys() == set(), "a new route: call it in CALLS"
    assert (CALLS.keys() | EXCEPTIONS.keys()) - mutating() == set(), "no such route any more"
    assert CALLS.keys().isdisjoint(EXCEPTIONS)


async def missing(world: World, route: str) -> str | None:
    """What is wrong with what the route tells."""
    method, path = route.split()
    rows, body = CALLS[route]
    own = rows.__name__.startswith(("_", "<"))
    at = await rows(world) if own else await world.rows(rows)
    before = await last(world)
    answer = await world.client.request(method, path.format(**at), **body(at))
    if answer.status_code >= 300:
        return f"answered {answer.status_code}: {answer.text[:300]}"
    events = (await world.client.get("/events", params={"after": before})).json()
    mine = [event for event in events if event["actor"] == "person"]
    if not mine:
        return f"told {[event['kind'] for event in events]}, nothing of it by the person"
    if unknown := [event["kind"] for event in events if not is_known(event["kind"])]:
        return f"told {unknown}, which the reference of events does not have (scripts/reference/events.py)"
    bare = [event["kind"] for event in mine if not {"before", "after"} <= event["data"].keys()]
    if bare:
        return f"told {bare} without before and after"
    same = all(event["data"]["before"] == event["data"]["after"] for event in mine)
    return f"told {[event['kind'] for event in mine]} as if nothing had changed" if same else None


async def last(world: World) -> int:
    async with world.hub.db.read() as session:
        return await last_seq(session)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_a_person_does_is_told_with_before_and_after(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        workflow = (await newest_workflow(session, "software")).id
        project = await make.make_project(session, workflow_id=workflow)
    world = World(hub, client, project)
    wrong = {route: fault for route in CALLS if (fault := await missing(world, route))}
    for silent in world.held:
        silent.close()
    assert wrong == {}
