"""The evidence of a change: what a command proved, what a model judged, what failed, what nobody has looked at."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.contract.run_result import RunResult, TestCase, TestReport
from services.roles.read import newest_workflow
from services.store.models import Criterion, Task
from tests.api.test_projects import git
from tests.support import factories as make


def report(*names: str, failed: int = 0) -> TestReport:
    cases = tuple(TestCase(id=f"tests.test_day::{name}", outcome="passed") for name in names)
    return TestReport(passed=len(names), failed=failed, errors=0, skipped=0, seconds=1.0, cases=cases)


def measured(hub: HubParts, name: str, tests: TestReport | None, exit_code: int = 0) -> dict[str, Any]:
    result = RunResult(outcome="completed", exit_code=exit_code, tests=tests)
    digest, _ = hub.proofs.put(result.model_dump_json().encode())
    counts = tests.model_dump(include={"passed", "failed", "errors", "skipped"}) if tests else None
    return {
        "name": name, "executor": "command", "outcome": "completed", "exit_code": exit_code, "tests": counts,
        "result": digest, "proofs": [],
    }  # fmt: skip


async def evidence(client: httpx.AsyncClient, task: Task) -> list[tuple[str, str]]:
    answer = await client.get(f"/tasks/{task.id}/evidence")
    assert answer.status_code == 200, answer.text
    return [(line["state"], line["sentence"]) for line in answer.json()]


@pytest.fixture
async def task(client: httpx.AsyncClient, hub: HubParts) -> Task:
    """A task with a branch of its own in the mirror of a real workspace."""
    made = (await client.post("/projects", json={"name": "till", "workspace_path": "till"})).json()
    workspace = Path(made["workspace_path"])
    base = git(workspace, "rev-parse", "HEAD").strip()
    git(workspace, "checkout", "-qb", "work")
    (workspace / "hello.txt").write_text("hello\n")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "Hello")
    await hub.repos.ensure_mirror(made["id"], workspace, "main")
    mirror = hub.repos.mirror(made["id"])
    git(workspace, "push", "-q", str(mirror), "work:refs/heads/wfhub/TILL-1-1")
    git(workspace, "checkout", "-q", "main")
    async with hub.db.write() as session:
        project = await session.get_one(make.Project, made["id"])
        return await make.make_task(session, project, branch="wfhub/TILL-1-1", base_sha=base, state="waiting")


def workspace_of(hub: HubParts) -> Path:
    return hub.settings.workspaces_dir / "till"


async def test_before_any_run_all_of_it_is_missing(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        await make.make_criterion(session, task, text="It adds up")
    assert await evidence(client, task) == [
        ("missing", "the tests have not run yet"),
        ("missing", "It adds up"),
        ("missing", "the scanners have not looked yet"),
        ("proven", "merges cleanly onto main"),
    ]


async def test_what_was_proven_names_its_proof(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session, task, state="passed", stage="qa", role="qa", base_sha=task.base_sha)
        junit = await make.make_proof(session, run)
        scan = await make.make_proof(session, run, kind="report", name="bandit.json", step="3-scan")
        run.details = {
            "steps": {
                "10-scan": {
                    "name": "scan", "executor": "scan", "outcome": "completed", "findings": 0, "proofs": [scan.id],
                },
                "0-judge": {"name": "judge", "executor": "tools", "outcome": "completed"},
                "1-tests-base": measured(hub, "tests-base", report("test_a")),
                "2-tests": measured(hub, "tests", report("test_a", "test_b", "test_c")) | {"proofs": [junit.id]},
            }
        }  # fmt: skip
        proof = {"met": True, "proof_id": junit.id, "evidence": "tests.test_day::test_close_day"}
        await make.make_criterion(session, task, position=1, text="It adds up", how="proven", **proof)
        judged = {"met": True, "how": "judged", "place": "day.py:3", "evidence": "Short and clear."}
        await make.make_criterion(session, task, position=2, text="Reads well", **judged)
        await make.make_criterion(session, task, position=3, text="Is signed", met=False, evidence="no such test")
        merged = await make.make_run(session, task, state="passed", stage="testing")
        last = await make.make_proof(session, merged)
        steps = {
            "0-end-to-end": measured(hub, "end-to-end", report("test_a", "test_b", "test_c")) | {"proofs": [last.id]}
        }
        merged.details = {"steps": steps}
    shown = (await client.get(f"/tasks/{task.id}/evidence")).json()
    assert shown == [
        {"state": "proven", "sentence": "3 tests pass, 2 new", "proof_id": last.id,
         "label": f"junit {last.sha256[:4]}"},
        {"state": "proven", "sentence": "It adds up", "proof_id": junit.id, "label": "test_close_day"},
        {"state": "judged", "sentence": "“Reads well” judged by qa, not proven", "proof_id": None,
         "label": "Short and clear. (day.py:3)"},
        {"state": "failed", "sentence": "Is signed", "proof_id": None, "label": "no such test"},
        {"state": "proven", "sentence": "no new findings (bandit)", "proof_id": scan.id,
         "label": f"report {scan.sha256[:4]}"},
        {"state": "proven", "sentence": "merges cleanly onto main", "proof_id": None, "label": "dry run"},
    ]  # fmt: skip


async def test_of_research_only_what_its_workflow_looks_at_is_told(
    client: httpx.AsyncClient, hub: HubParts, task: Task
) -> None:
    """No tests, no scanners, no merge, and no criteria that a stage judges: a report that a gate asks for."""
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        row.workflow_id, row.stage = (await newest_workflow(session, "research")).id, "reading"
        await make.make_criterion(session, row, text="Names three libraries")
    assert await evidence(client, task) == [("missing", "asked for and not there yet: 1 × report named report.md")]
    async with hub.db.write() as session:
        run = await make.make_run(session, task, state="passed", stage="research")
        proof = await make.make_proof(session, run, kind="report", name="report.md")
    shown = (await client.get(f"/tasks/{task.id}/evidence")).json()
    assert shown == [
        {"state": "proven", "sentence": "report.md is there", "proof_id": proof.id,
         "label": f"report {proof.sha256[:4]}"},
    ]  # fmt: skip


async def test_a_round_that_failed_counts_no_more(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session, task, state="failed", stage="qa")
        steps = {"0-tests": measured(hub, "tests", report("test_a", failed=2), exit_code=1)}
        run.details = {"steps": steps}
    assert (await evidence(client, task))[0] == ("failed", "2 of 3 tests fail")
    async with hub.db.write() as session:
        (await session.get_one(Task, task.id)).round = 2
    assert (await evidence(client, task))[0] == ("missing", "the tests have not run yet")


async def test_a_command_without_a_report_proves_its_exit_code_only(
    client: httpx.AsyncClient, hub: HubParts, task: Task
) -> None:
    for code, said in ((0, ("proven", "tests passes, without a report of its tests")),
                       (2, ("failed", "tests fails, without a report of its tests"))):  # fmt: skip
        async with hub.db.write() as session:
            run = await make.make_run(session, task, state="passed", stage="qa")
            run.details = {"steps": {"0-tests": measured(hub, "tests", None, code)}}
        assert (await evidence(client, task))[0] == said


async def test_open_findings_are_failures(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    async with hub.db.write() as session:
        run = await make.make_run(session, task, state="failed", stage="sec")
        run.details = {"steps": {"0-scan": {"name": "scan", "executor": "scan", "outcome": "completed", "findings": 2}}}
        await make.make_finding(session, task, stage="sec")
        await make.make_finding(session, task, stage="sec", state="waived")
    assert (await evidence(client, task))[1] == ("failed", "1 finding open (scanners)")


async def test_the_merge_is_tried_against_what_the_person_has_now(
    client: httpx.AsyncClient, hub: HubParts, task: Task
) -> None:
    workspace = workspace_of(hub)
    (workspace / "hello.txt").write_text("other\n")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "Other")
    assert (await evidence(client, task))[-1] == ("failed", "conflicts with main in hello.txt")
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        row.merged_sha, row.state = "1a9f3c2" + "0" * 33, "done"
    assert (await evidence(client, task))[-1] == ("proven", "merged onto main")


async def test_a_workspace_that_is_away_says_so(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    workspace_of(hub).rename(workspace_of(hub).with_name("away"))
    state, sentence = (await evidence(client, task))[-1]
    assert state == "missing" and sentence.startswith("the merge could not be tried")


async def test_the_diff_is_that_of_the_branch(client: httpx.AsyncClient, hub: HubParts, task: Task) -> None:
    diff = (await client.get(f"/tasks/{task.id}/diff")).json()
    assert ([file["path"] for file in diff["files"]], diff["added"]) == (["hello.txt"], 1)
    assert "+hello" in diff["patch"]
    head = diff["head_sha"]
    git(hub.repos.mirror(task.project_id), "branch", "-D", "wfhub/TILL-1-1")
    async with hub.db.write() as session:
        row = await session.get_one(Task, task.id)
        row.merged_sha, row.state = head, "done"
        await make.make_approval(session, task, state="approved", base_sha=task.base_sha, head_sha=head)
    merged = (await client.get(f"/tasks/{task.id}/diff")).json()
    assert merged["patch"] == diff["patch"], "the branch is gone, what was merged is not"


async def test_of_an_unknown_task_nothing_is_known(client: httpx.AsyncClient) -> None:
    answer = await client.get("/tasks/77/evidence")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Criterion.__tablename__ not in answer.text
