"""Grants are given in words that are checked, deploys asked for, cancelled and decided; no secret is ever answered."""

from pathlib import Path
from typing import Any

import httpx

from main_api.hub import HubParts
from services.deploys.queue import begin, end, get_deploy
from services.deploys.settings import deploy_of
from services.domain.states import DeployState
from services.store.models import Project, Run

VALUE = "kept-for-the-site-7c1"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"network": ["not a host"]}, "`not a host` is no host"),
    ({"network": ["example.org:99999"]}, "is no host"),
    ({"paths": ["site"]}, "no plain absolute path"),
    ({"paths": ["/srv/../etc"]}, "no plain absolute path"),
    ({"paths": ["/etc/cron.d"]}, "it belongs to the system"),
    ({"paths": ["//etc/cron.d"]}, "no plain absolute path"),
    ({"paths": ["//"]}, "no plain absolute path"),
    ({"secrets": {"TOKEN": "site/nowhere"}}, "no stored credential site/nowhere"),
    ({"secrets": {"TOKEN": "nowhere"}}, "settings.deploy.secrets.TOKEN"),
    ({"env": {"WFHUB_TOKEN": "x"}}, "begin with WFHUB_ are the hub's own"),
    ({"env": {"1A": "x"}}, "settings.deploy.env"),
    ({"timeout_seconds": 0}, "settings.deploy.timeout_seconds"),
    ({"on_failure": "panic"}, "settings.deploy.on_failure"),
    ({"comand": "x"}, "settings.deploy.comand"),
]


async def test_a_grant_that_makes_no_sense_is_refused_in_words(client: httpx.AsyncClient) -> None:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    for given, told in REFUSED:
        body = {"version": project["version"], "settings": {"deploy": {"command": "true", **given}}}
        answer = await client.patch(f"/projects/{project['id']}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
        assert told in answer.json()["detail"], answer.text


async def test_a_link_into_the_system_is_no_way_to_be_granted_it(client: httpx.AsyncClient, tmp_path: Path) -> None:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    link = tmp_path / "site"
    link.symlink_to("/etc")
    body = {"version": project["version"], "settings": {"deploy": {"command": "true", "paths": [str(link)]}}}
    answer = await client.patch(f"/projects/{project['id']}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
    assert "leads to /etc, which belongs to the system" in answer.json()["detail"]


async def test_nulls_take_away_also_what_was_not_there(client: httpx.AsyncClient) -> None:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    table = {"command": "make deploy", "timeout_seconds": None, "env": None, "on_failure": None}
    body = {"version": project["version"], "settings": {"deploy": table}}
    answer = await client.patch(f"/projects/{project['id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["settings"]["deploy"] == {"command": "make deploy"}


async def test_from_a_credential_to_a_deploy_that_was_decided(client: httpx.AsyncClient, hub: HubParts) -> None:
    project = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    at = f"/projects/{project['id']}"
    kept = await client.post("/credentials", json={"provider": "site", "label": "token", "value": VALUE})
    assert kept.status_code == 201 and VALUE not in kept.text
    assert VALUE not in (await client.get("/credentials")).text
    own = {"command": "./go", "secrets": {"TOKEN": "site/token"}, "network": ["Example.org:443"]}
    home = {"deploy": {"command": "x", "paths": [str(hub.settings.home / "proofs")]}}
    refused = await client.patch(at, json={"version": project["version"], "settings": home})
    assert "keeps its own state there" in refused.json()["detail"]
    assert (await client.post(f"{at}/deploy")).json()["code"] == "conflict"
    project = (await client.patch(at, json={"version": project["version"], "settings": {"deploy": own}})).json()
    assert project["settings"]["deploy"] == own

    asked = (await client.post(f"{at}/deploy")).json()
    assert (asked["state"], asked["asked_by"], asked["task_id"]) == ("queued", "person", None)
    assert "waits for its turn" in (await client.post(f"{at}/deploy")).json()["detail"]
    cancelled = (await client.post(f"/deploys/{asked['id']}/cancel")).json()
    assert cancelled["state"] == "cancelled"
    assert (await client.post(f"/deploys/{asked['id']}/cancel")).status_code == 409
    assert (await client.post(f"/deploys/{asked['id']}/decision", json={"decision": "again"})).status_code == 409

    asked = (await client.post(f"{at}/deploy")).json()
    async with hub.db.write() as session:
        row = await get_deploy(session, asked["id"])
        run, kind = await session.get_one(Run, row.run_id), await session.get_one(Project, row.project_id)
        await begin(session, run, "c" * 40, deploy_of(kind.settings), row)
        await end(session, row, DeployState.INTERRUPTED, "It was cut off.")
    (item,) = (await client.get("/inbox")).json()["items"]
    assert (item["kind"], item["id"], item["reason"]) == ("deploy", asked["id"], "interrupted")
    told = (await client.get(f"/deploys/{asked['id']}")).json()
    assert told["waits"] and told["granted"][:2] == [
        "It may reach example.org:443, by a proxy.", "It is given the stored secret site/token as TOKEN.",
    ]  # fmt: skip
    way = f"/deploys/{asked['id']}/decision"
    assert "follows no task" in (await client.post(way, json={"decision": "send_back"})).json()["detail"]
    assert (await client.post(way, json={"decision": "accept", "note": "I looked"})).json()["decision"] == "accept"
    assert "was decided before" in (await client.post(way, json={"decision": "again"})).json()["detail"]
    assert (await client.get("/inbox")).json()["items"] == []
    assert [one["state"] for one in (await client.get(f"{at}/deploys")).json()] == ["interrupted", "cancelled"]
    events = (await client.get("/events", params={"limit": 500})).json()
    said = [event["data"] for event in events if event["kind"] == "deploy.decided"]
    assert [(one["before"], one["after"], one["note"]) for one in said] == [
        ({"decision": None}, {"decision": "accept"}, "I looked")
    ]
    assert VALUE not in str(events)
    assert (await client.delete(f"/credentials/{kept.json()['id']}")).status_code == 204
