"""Merges go out only where the owner said so; a remote that is away is waited for, one that refuses is shown."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx

from main_api.hub import HubParts
from services.pushes.queue import queue_push
from services.store.models import Push, Task
from services.store.types import now
from services.workflows.bench import Bench
from services.workflows.pushing import push_one
from tests.support import factories as make


async def test_the_inbox_pushes_what_it_shows_though_the_remote_is_another_by_now(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        old, new = (
            Push(project_id=project.id, remote=remote, branch="main", commit="a" * 40, state="refused", attempts=1,
                 sentence="It declined.")
            for remote in ("origin", "backup")
        )  # fmt: skip
        session.add_all([old, new])
    items = {item["id"]: item for item in (await client.get("/inbox")).json()["items"]}
    assert items.keys() == {old.id, new.id}
    decisions = [{"item": items[old.id]["key"], "decision": "push"}]
    told = (await client.post("/inbox/decisions", json={"decisions": decisions})).json()
    assert told["done"] == 1, told
    states = {one["id"]: one["state"] for one in (await client.get(f"/projects/{project.id}/pushes")).json()}
    assert states == {old.id: "queued", new.id: "refused"}


def git(folder: Path, *args: str) -> str:
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


async def test_from_a_merge_to_the_remote(client: httpx.AsyncClient, hub: HubParts, tmp_path: Path) -> None:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    task_id = (await client.post("/tasks", json={"project_id": project["id"], "title": "Greets"})).json()["id"]
    path, remote, at = Path(project["workspace_path"]), tmp_path / "remote.git", f"/projects/{project['id']}"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    git(path, "remote", "add", "backup", str(tmp_path / "not there yet"))
    settings = SimpleNamespace(push_seconds=20, push_retry_seconds=5, push_retry_longest_seconds=9, offline=False)
    bench = cast("Bench", SimpleNamespace(db=hub.db, repos=hub.repos, settings=settings))

    async def merged() -> Push | None:
        async with hub.db.write() as session:
            return await queue_push(session, await session.get_one(Task, task_id), git(path, "rev-parse", "HEAD"))

    async def newest() -> dict[str, Any]:
        return (await client.get(f"{at}/pushes")).json()[0]

    assert await merged() is None, "nothing goes out without the owner's word"
    assert (await client.post(f"{at}/push")).json()["code"] == "conflict"
    given = {"push_after_merge": True, "push_remote": "backup"}
    answer = await client.patch(at, json={"version": project["version"], "settings": given})
    assert answer.status_code == 200, answer.text

    row = await merged()
    assert row is not None
    await push_one(bench, row)
    waits = await newest()
    assert (waits["state"], waits["attempts"]) == ("queued", 1) and waits["next_at"] > now().isoformat()[:19]
    assert "can't be reached" in waits["sentence"]
    assert (await client.get(f"/tasks/{task_id}")).json()["push"] == waits

    git(path, "remote", "set-url", "backup", str(remote))
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    await push_one(bench, row)
    inbox = [item for item in (await client.get("/inbox")).json()["items"] if item["kind"] == "push"]
    assert [item["task_id"] for item in inbox] == [task_id] and "declined" in inbox[0]["sentence"]

    hook.unlink()
    git(path, "commit", "-q", "--allow-empty", "-m", "The next merge")
    second = await merged()
    assert second is not None
    again = await client.post(f"{at}/push")
    assert (again.status_code, again.json()["state"], again.json()["id"]) == (202, "queued", second.id)
    waits_for_me = [item["kind"] for item in (await client.get("/inbox")).json()["items"]]
    assert "push" not in waits_for_me, "the newer one takes it along"
    await push_one(bench, second)
    assert [one["state"] for one in (await client.get(f"{at}/pushes")).json()] == ["pushed", "pushed"]
    assert git(remote, "rev-parse", "refs/heads/main") == git(path, "rev-parse", "HEAD")
    kinds = [event["kind"] for event in (await client.get("/events", params={"limit": 500})).json()]
    assert [kind for kind in kinds if kind.startswith("push.")] == [
        "push.queued", "push.waits", "push.refused", "push.queued", "push.queued", "push.done", "push.done",
    ]  # fmt: skip
    assert not [item for item in (await client.get("/inbox")).json()["items"] if item["kind"] == "push"]
