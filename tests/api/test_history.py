"""The history over HTTP: paged from the newest, by task, project, person, kind and time."""

import httpx
import pytest

from main_api.hub import HubParts
from services.events import log
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_the_past_is_read_a_page_at_a_time(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        task, other = await make.make_task(session), await make.make_task(session)
        for number in range(5):
            await log.of_task(session, "run.step", task, actor="dev", step=number)
        await log.append(session, "task.merged", actor="hub", task_id=task.id, before="a" * 40, commit="b" * 40)
    edited = await client.patch(f"/tasks/{task.id}", json={"version": task.version, "title": "Say hi"})
    await client.post(f"/tasks/{other.id}/comments", json={"body": "Elsewhere."})
    assert edited.status_code == 200, edited.text

    first = (await client.get("/history", params={"task_id": task.id, "limit": 3})).json()
    rest = (await client.get("/history", params={"task_id": task.id, "limit": 4, "before": first["next"]})).json()
    assert [one["kind"] for one in first["items"]] == ["task.edited", "task.merged", "run.step"]
    assert ([one["about"]["step"] for one in rest["items"]], rest["next"]) == ([3, 2, 1, 0], None)
    mine, merged = first["items"][0], first["items"][1]
    assert (mine["who"], mine["before"], mine["after"]) == ("person", {"title": task.title}, {"title": "Say hi"})
    assert (merged["before"], merged["about"]["commit"]) == ({"commit": "a" * 40}, "b" * 40)

    async def kinds(**asked: object) -> list[str]:
        return [one["kind"] for one in (await client.get("/history", params=asked)).json()["items"]]

    assert await kinds(who="person") == ["comment.added", "task.edited"]
    assert await kinds(kind=["task", "comment.added"]) == ["comment.added", "task.edited", "task.merged"]
    assert await kinds(project_id=other.project_id) == ["comment.added"]
    assert (
        await kinds(until=mine["at"], kind="task") == ["task.merged"]
        and await kinds(since="2999-01-01T00:00:00Z") == []
    )
    for wrong in ({"limit": 501}, {"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"before": 0}):
        assert (await client.get("/history", params=wrong)).status_code == 422
