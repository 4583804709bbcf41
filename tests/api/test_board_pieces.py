"""The board in bounded pieces: what is read of it, in what order, by which filters, and what lanes there are."""

from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.store.models import Project
from services.store.types import now
from tests.support import factories as make


async def fill(hub: HubParts) -> tuple[Project, dict[str, int]]:
    """Twelve in DEV of three priorities, two of them done, and some elsewhere; answers ids by title."""
    async with hub.db.write() as session:
        project = await make.make_project(session)
        ids = {}
        for number in range(12):
            values: dict[str, Any] = {"priority": (5, 9, 1)[number % 3], "position": float(20 - number)}
            task = await make.make_task(
                session, project, title=f"Card n{number}", stage="dev", state="queued", **values
            )
            ids[f"Card n{number}"] = task.id
        for number in range(3):
            task = await make.make_task(session, project, title=f"Done {number}", stage="done", state="done")
            task.updated_at = now()
            ids[f"Done {number}"] = task.id
        await make.make_task(session, project, title="Gone", stage="dev", state="cancelled")
    return project, ids


async def read(client: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def column(board: dict[str, Any], stage: str) -> dict[str, Any]:
    return next(one for one in board["columns"] if one["stage"] == stage)


def titles(piece: dict[str, Any]) -> list[str]:
    return [task["title"] for task in piece["tasks"]]


async def test_pieces_put_together_are_the_whole_column(client: httpx.AsyncClient, hub: HubParts) -> None:
    project, _ = await fill(hub)
    whole = await read(client, "/board", project_id=project.id)
    empty = next(one["stage"] for one in whole["columns"] if one["total"] == 0)
    assert (await read(client, f"/board/columns/{empty}", project_id=project.id))["tasks"] == []
    board = await read(client, "/board", project_id=project.id, first=5)
    for stage, many in (("dev", 12), ("done", 3)):
        piece = column(board, stage)
        assert (piece["total"], len(piece["tasks"])) == (many, min(many, 5))
        found, cursor = titles(piece), piece["next"]
        while cursor is not None:
            more = await read(client, f"/board/columns/{stage}", project_id=project.id, cursor=cursor, limit=2)
            assert len(more["tasks"]) <= 2
            found, cursor = found + titles(more), more["next"]
        assert found == titles(column(whole, stage)) and len(found) == many
        assert column(whole, stage)["next"] is None
    by_rank = sorted(range(12), key=lambda number: (-(5, 9, 1)[number % 3], -number))
    assert titles(column(whole, "dev")) == [f"Card n{number}" for number in by_rank]
    assert titles(column(whole, "done")) == ["Done 2", "Done 1", "Done 0"]


async def test_a_column_of_open_and_done_tasks_goes_on_from_one_to_the_other(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        for number in range(6):
            state = "done" if number % 2 else "idle"
            await make.make_task(session, project, title=str(number), stage="odd", state=state)
    cursor, found = None, []
    while True:
        query = {"project_id": project.id, "limit": 1} | ({"cursor": cursor} if cursor else {})
        piece = await read(client, "/board/columns/odd", **query)
        found += titles(piece)
        if (cursor := piece["next"]) is None:
            break
    assert sorted(found[:3]) == ["0", "2", "4"] and sorted(found[3:]) == ["1", "3", "5"]


async def test_what_comes_meanwhile_shifts_no_piece(client: httpx.AsyncClient, hub: HubParts) -> None:
    project, ids = await fill(hub)
    first = column(await read(client, "/board", project_id=project.id, first=6), "dev")
    async with hub.db.write() as session:
        await make.make_task(session, project, title="New above", stage="dev", state="queued", priority=10)
    rest = await read(client, "/board/columns/dev", project_id=project.id, cursor=first["next"])
    assert {task["id"] for task in first["tasks"] + rest["tasks"]} == {ids[f"Card n{n}"] for n in range(12)}
    assert rest["next"] is None


async def test_a_filter_narrows_the_cards_and_their_counts_but_not_the_limit(
    client: httpx.AsyncClient, hub: HubParts
) -> None:
    project, ids = await fill(hub)
    dev = column(await read(client, "/board", project_id=project.id, text="card n1", first=2), "dev")
    assert (dev["total"], len(dev["tasks"]), dev["next"] is not None) == (3, 2, True)
    assert (dev["count"], dev["by_state"], dev["over"]) == (12, {"queued": 12}, True)
    more = await read(client, "/board/columns/dev", project_id=project.id, text="card n1", cursor=dev["next"])
    assert {*titles(dev), *titles(more)} == {"Card n1", "Card n10", "Card n11"}
    async with hub.db.write() as session:
        waiting = await session.get_one(make.Task, ids["Card n0"])
        waiting.state, waiting.waiting_reason, waiting.kind, waiting.assignee_role = "waiting", "approval", "bug", "qa"
        paused = await session.get_one(make.Task, ids["Card n1"])
        paused.paused_at = now()
    for query, expected in (
        ({"only": "waiting"}, ["Card n0"]), ({"only": "paused"}, ["Card n1"]), ({"kind": "bug"}, ["Card n0"]),
        ({"role": "qa"}, ["Card n0"]), ({"priority": 9}, ["Card n10", "Card n7", "Card n4", "Card n1"]),
        ({"text": "N0 card"}, ["Card n0"]), ({"text": "_"}, []), ({"text": "  "}, None),
        ({"kind": "bug", "priority": 9}, []), ({"plan_id": 0, "role": "qa"}, ["Card n0"]), ({"plan_id": 4711}, []),
    ):  # fmt: skip
        dev = column(await read(client, "/board", project_id=project.id, **query), "dev")
        assert dev["total"] == len(dev["tasks"]), query
        assert expected is None or titles(dev) == expected, query
    dev = column(await read(client, "/board", project_id=project.id), "dev")
    assert (dev["waiting"], dev["by_state"]["waiting"]) == (1, 1)


async def test_an_events_news_are_the_named_cards_and_all_counts(client: httpx.AsyncClient, hub: HubParts) -> None:
    project, ids = await fill(hub)
    named = [ids["Card n2"], ids["Done 0"], 4711]
    board = await read(client, "/board", project_id=project.id, task=named, first=1)
    assert [titles(one) for one in board["columns"] if one["tasks"]] == [["Card n2"], ["Done 0"]]
    assert (column(board, "dev")["total"], column(board, "dev")["next"]) == (12, None)
    board = await read(client, "/board", project_id=project.id, task=named, priority=2)
    assert [titles(one) for one in board["columns"] if one["tasks"]] == [["Done 0"]], "a card that is not wanted"
    heads = await read(client, "/board", project_id=project.id, first=0)
    assert all(one["tasks"] == [] for one in heads["columns"])
    assert column(heads, "dev")["total"] == 12


async def test_a_lane_is_a_plan_with_its_own_counts(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        plans = [await make.make_plan(session, await make.make_request(session, project)) for _ in range(3)]
        for plan in plans[:2]:
            await make.make_task(session, project, plan_id=plan.id, stage="dev", state="queued")
        await make.make_task(session, project, plan_id=plans[1].id, stage="qa", state="waiting", kind="bug")
        await make.make_task(session, project, stage="dev", state="queued")
    lanes = await read(client, "/board/lanes", project_id=project.id)
    told = [(lane["plan_id"], lane["total"], lane["waiting"]) for lane in lanes["lanes"]]
    assert told == [(plans[1].id, 2, 1), (plans[0].id, 1, 0), (None, 1, 0)]
    assert lanes["lanes"][0]["title"] == (plans[1].summary or f"Plan {plans[1].id}")
    first = await read(client, "/board/lanes", project_id=project.id, limit=1)
    assert [lane["plan_id"] for lane in first["lanes"]] == [plans[1].id] and first["next"] == plans[1].id
    rest = await read(client, "/board/lanes", project_id=project.id, before=first["next"])
    assert [lane["plan_id"] for lane in rest["lanes"]] == [plans[0].id, None] and rest["next"] is None
    narrowed = await read(client, "/board/lanes", project_id=project.id, kind="bug")
    assert [(lane["plan_id"], lane["total"]) for lane in narrowed["lanes"]] == [(plans[1].id, 1)]
    mine = await read(client, "/board", project_id=project.id, plan_id=plans[1].id)
    assert (column(mine, "dev")["total"], column(mine, "dev")["count"]) == (1, 3)


@pytest.mark.parametrize(
    "cursor", ["x", "Ym9vIQ", "W10", "WyJvcGVuIiwxLE5hTiwxXQ", "WyJkb25lIiwiMjAyNi0wMS0wMSIsMV0", "é"]
)
async def test_a_cursor_that_nobody_gave_out_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/board/columns/dev", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_refused")


async def test_bounds_are_held(client: httpx.AsyncClient) -> None:
    for path, query in (
        ("/board", {"first": 501}), ("/board", {"first": -1}), ("/board", {"task": list(range(1, 202))}),
        ("/board", {"only": "idle"}), ("/board", {"priority": 11}), ("/board/columns/dev", {"limit": 501}),
        ("/board/lanes", {"limit": 201}), ("/board", {"text": "x" * 201}),
    ):  # fmt: skip
        assert (await client.get(path, params=query)).status_code == 422, (path, query)
    for path in ("/board", "/board/columns/dev", "/board/lanes"):
        assert (await client.get(path, params={"project_id": 4711})).status_code == 404, path
    assert (await client.get("/board/columns/nowhere")).status_code == 404


async def test_how_many_come_at_first_is_a_setting(client: httpx.AsyncClient, hub: HubParts) -> None:
    async with hub.db.write() as session:
        project = await make.make_project(session)
        for _ in range(hub.settings.board_column_cards + 1):
            await make.make_task(session, project, stage="dev", state="queued")
    dev = column(await read(client, "/board", project_id=project.id), "dev")
    assert (len(dev["tasks"]), dev["total"]) == (hub.settings.board_column_cards, hub.settings.board_column_cards + 1)
    assert dev["next"] is not None
