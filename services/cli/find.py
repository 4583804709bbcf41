"""Finding what a person names on the command line: by key, number, name, or by where they stand."""

import re
from pathlib import Path
from typing import Any

from services.demo.errors import HubRefused
from services.demo.hub_client import HubClient
from services.domain.errors import InvalidInput, NotFound

PROJECTS = 2_000
TASKS = 2_000  # whose key or title contains what was named
RUN_ROWS = 500
INBOX = 2_000  # items, which is as many as the hub tells at once
KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*-[1-9][0-9]*")
Json = dict[str, Any]


def project_of(client: HubClient, named: str | None, folder: Path | None = None) -> Json:
    """By its key, its id or its name; unnamed by the folder, or the only one. Raises NotFound, InvalidInput."""
    projects = client.listed("/projects", PROJECTS).rows
    if named is None:
        return _meant(projects, (folder or Path.cwd()).resolve())
    return _named(projects, named)


def archived_project(client: HubClient, named: str) -> Json:
    """By its key, its id or its name. Raises NotFound, InvalidInput."""
    return _named(client.listed("/projects", PROJECTS, archived=True).rows, named)


def project_id(client: HubClient, named: str | None) -> int | None:
    """None stands for all projects."""
    return None if named is None else int(project_of(client, named)["id"])


def task_of(client: HubClient, named: str) -> Json:
    """By its key, whatever its case, or its id. Raises NotFound."""
    if named.isdecimal():
        return client.get(f"/tasks/{named}")
    key = named.upper()
    if KEY.fullmatch(key):
        for row in client.listed("/tasks", TASKS, text=key, sort="id").rows:
            if row["key"] == key:
                return client.get(f"/tasks/{row['id']}")
    raise NotFound(f"There is no task {named}.", "`wf task list` shows those there are; a key looks like WEB-12.")


def run_of(client: HubClient, named: str) -> Json:
    """By its id, either end of it, or its task's key, which means the newest. Raises NotFound, InvalidInput."""
    if KEY.fullmatch(named):
        task = task_of(client, named)
        rows = client.get("/runs", task_id=task["id"], limit=1)
        if not rows:
            raise NotFound(f"{task['key']} has no runs yet.", f"Start it with `wf task run {task['key']}`.")
        return client.get(f"/runs/{rows[0]['id']}")
    if len(named) >= 32:
        return client.get(f"/runs/{named}")
    found = [
        row["id"]
        for row in client.listed("/runs", RUN_ROWS).rows
        if row["id"].startswith(named) or row["id"].endswith(named)
    ]
    if len(found) > 1:
        raise InvalidInput(f"{len(found)} runs have an id like {named}.", "Give more of the id.")
    if not found:
        raise NotFound(f"There is no run {named}.", "`wf run list` shows them; a task's key means its newest run.")
    return client.get(f"/runs/{found[0]}")


def plan_of(client: HubClient, named: str | None, project: int | None = None) -> Json:
    """By its number; unnamed the only one that waits. Raises NotFound, InvalidInput."""
    if named is not None:
        number = named.removeprefix("plan:")
        if not number.isdecimal():
            raise InvalidInput(f"{named} is no plan's number.", "`wf plan list` shows them.")
        return client.get(f"/plans/{number}")
    asked = {} if project is None else {"project_id": project}
    waiting = client.get("/plans", state="waiting", **asked)
    if len(waiting) == 1:
        return waiting[0]
    if not waiting:
        raise NotFound("No plan waits for you.", 'Ask for something: wf idea "..."')
    numbers = ", ".join(str(one["id"]) for one in waiting)
    raise InvalidInput(f"{len(waiting)} plans wait for you.", f"Say which: {numbers}.")


def item_of(client: HubClient, named: str, decision: str | None = None) -> Json:
    """What waits in the inbox: by its key (approval:12), or by its task's. Raises NotFound."""
    items: list[Json] = client.get("/inbox", limit=INBOX)["items"]
    for item in items:
        if item["key"] == named:
            return item
    if KEY.fullmatch(named) or named.isdecimal():
        task = task_of(client, named)
        its = [item for item in items if item["task_id"] == task["id"]]
        fitting = [item for item in its if decision is None or decision in item["may"]]
        if fitting:
            return fitting[0]
        if its:
            raise InvalidInput(
                f"{task['key']} waits for another word: {its[0]['sentence']}", f"It takes: {', '.join(its[0]['may'])}."
            )
        standing = task["waiting_sentence"] or f"It is {task['state']} at {task['stage']}."
        raise NotFound(f"{task['key']} waits for no word of yours.", standing)
    raise NotFound(f"Nothing in the inbox is called {named}.", "`wf inbox` shows what waits.")


def decided(client: HubClient, item: Json, decision: str, **words: Any) -> Json:
    """One word on one item, on what it is as it was read. Raises HubRefused as the item's own route would."""
    body = {
        "item": item["key"],
        "decision": decision,
        "patch_id": item["patch_id"],
        "version": item["version"],
        **words,
    }
    result: Json = client.post("/inbox/decisions", decisions=[body])["results"][0]
    problem = result.get("problem")
    if problem:
        raise HubRefused(
            str(problem["detail"]), str(problem.get("way_out", "")), status=problem["status"], told=problem["code"]
        )
    return result


def _named(projects: list[Json], named: str) -> Json:
    for fits in (
        lambda one: named.upper() == one["key"],
        lambda one: named == str(one["id"]),
        lambda one: named.casefold() == one["name"].casefold(),
    ):
        found = [one for one in projects if fits(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInput(f"{len(found)} projects are called {named}.", f"Name one by its key: {_keys(found)}.")
    raise NotFound(f"There is no project {named}.", f"There are: {_keys(projects)}.")


def _meant(projects: list[Json], folder: Path) -> Json:
    """The project whose workspace the folder is in, the deepest first; else the only one there is."""
    here = [one for one in projects if folder.is_relative_to(one["workspace_path"])]
    if here:
        return max(here, key=lambda one: len(one["workspace_path"]))
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise NotFound("There is no project yet.", "Make one: wf project create FOLDER")
    raise InvalidInput("Which project?", f"Give --project, or set WFHUB_PROJECT: {_keys(projects)}.")


def _keys(projects: list[Json]) -> str:
    return ", ".join(one["key"] for one in projects) or "none yet"
