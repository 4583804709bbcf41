"""The demo's story through the public API: a project, a request, a plan, its tasks, approvals, merged commits."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.demo.errors import StoryStuck
from services.demo.hub_client import HubClient
from services.demo.narrator import Narrator

Json = dict[str, Any]
Ask = Callable[[str], bool]


@dataclass(frozen=True)
class Wish:
    """What is asked for, where, and of which model. `silent_seconds` without any event ends the wait."""

    name: str
    workspace: str
    request: str
    model: str | None
    silent_seconds: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """How it ended: the project and its tasks as the API gives them, and the seconds it took."""

    project: Json
    tasks: list[Json]
    seconds: float


def tell(hub: HubClient, narrator: Narrator, wish: Wish, ask: Ask) -> Outcome:
    """Carries the wish from a sentence to merged commits. `ask` says yes or no where a person's word is needed."""
    begun = time.monotonic()
    after = hub.last_event()
    settings = {"models": {"default": wish.model}} if wish.model else None
    project = hub.post("/projects", name=wish.name, workspace_path=wish.workspace, settings=settings)
    narrator.say(f"Project [bold]{project['key']}[/] in {project['workspace_path']}")
    narrator.heading("The request, in your words")
    narrator.say(f"  “{wish.request}”")
    hub.post("/requests", project_id=project["id"], text=wish.request)
    for event in hub.events(after, wish.silent_seconds):
        if event["project_id"] != project["id"]:
            continue
        narrator.event(event)
        if _reacts(hub, narrator, event, ask):
            break
    tasks = hub.get(f"/projects/{project['id']}/tasks")
    return Outcome(project, tasks, time.monotonic() - begun)


def _reacts(hub: HubClient, narrator: Narrator, event: Json, ask: Ask) -> bool:
    """Does what a person does at this event; True at the end of the story."""
    data = event["data"]
    match event["kind"]:
        case "plan.waiting":
            _approve_plan(hub, narrator, data["plan_id"], ask)
        case "approval.asked":
            _approve_merge(hub, narrator, data["approval_id"], str(data.get("key", "")), ask)
        case "task.waiting" if data["reason"] not in ("approval", None):
            raise StoryStuck(f"{data['key']} waits for you: {data['sentence']}", "Decide in the hub, it goes on there.")
        case "request.failed":
            raise StoryStuck(
                f"There is no plan: {data['sentence']}", "Ask again in other words, or with another model."
            )
        case "plan.done":
            return True
    return False


def _approve_plan(hub: HubClient, narrator: Narrator, plan_id: int, ask: Ask) -> None:
    plan = hub.get(f"/plans/{plan_id}")
    narrator.heading("The plan")
    narrator.plan(plan)
    if plan["faults"]:
        raise StoryStuck(f"The plan has faults: {plan['faults'][0]}", "Edit it in the hub, or ask for changes.")
    if not ask("Approve this plan?"):
        raise StoryStuck("The plan waits for you.", "Approve, change or reject it in the hub.")
    narrator.click("Approve plan", f"POST /plans/{plan_id}/approve")
    hub.post(f"/plans/{plan_id}/approve")
    narrator.heading("The team works")


def _approve_merge(hub: HubClient, narrator: Narrator, approval_id: int, key: str, ask: Ask) -> None:
    approval = hub.get(f"/approvals/{approval_id}")
    if approval["state"] != "asked":
        return
    stat = approval["diff_stat"]
    changed = f"{stat['files']} files, +{stat['added']} −{stat['removed']}"
    if not ask(f"Merge {key} ({changed})?"):
        raise StoryStuck(f"{key} waits for your approval.", "Look at its diff and decide in the hub.")
    narrator.click("Approve and merge", f"{key}: {changed}   POST /approvals/{approval_id}/approve")
    hub.post(f"/approvals/{approval_id}/approve")
