"""Undo, roll back, recover: what each would change is told first, and done once, with real repositories."""

import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from main_api.hub import HubParts
from services.contract.run_result import ReportedFinding
from services.domain.states import ApprovalState, RunState, TaskState
from services.events import log
from services.repos.worktree import Worktree
from services.restorations.carry import finish_begun
from services.restorations.forecast import Wanted, foresee
from services.reviews.findings import file_findings
from services.store.models import Approval, Finding, Project, Restoration, Run, Task
from services.store.types import now
from tests.support import factories as make


@dataclass
class Work:
    """A task with a branch, as two runs left it: a first commit, and a second one."""

    hub: HubParts
    client: httpx.AsyncClient
    project: Project
    task: Task
    tree: Worktree
    runs: list[Run]

    @property
    def path(self) -> Path:
        return Path(self.project.workspace_path)

    def git(self, *args: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *args]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=True).stdout.strip()

    async def post(self, way: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(f"/tasks/{self.task.id}/{way}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def ways(self) -> dict[str, Any]:
        return (await self.client.get(f"/tasks/{self.task.id}/checkpoints")).json()

    async def kinds(self) -> list[str]:
        return [event["kind"] for event in (await self.client.get("/events", params={"limit": 500})).json()]

    async def merge(self) -> str:
        """As the run that merges leaves it."""
        run = self.runs[-1]
        made = await self.hub.repos.merge(
            self.project.id, self.path, self.tree.branch, "main", "Merge", {"Task": self.task.key}, run.id
        )
        merged = {"commit": made.commit, "before": made.target_before, "recovery_ref": made.recovery_ref}
        async with self.hub.db.write() as session:
            kept = await session.get_one(Run, run.id)
            step = {"name": "merge", "executor": "merge", "outcome": "completed", "merged": merged}
            kept.details = {**kept.details, "steps": {"0-merge": step}}
            task = await session.get_one(Task, self.task.id)
            task.merged_sha, task.merged_at, task.stage, task.state = made.commit, now(), "done", TaskState.DONE
            told = {"commit": made.commit, "branch": task.branch}
            await log.of_task(session, "task.merged", task, actor="hub", run_id=run.id, **told)
            approval = {"stage": "deploy", "state": ApprovalState.APPROVED, "patch_id": "p", "diff_stat": {}}
            session.add(Approval(project_id=task.project_id, task_id=task.id, base_sha="b", head_sha="h", **approval))
        return made.commit


@pytest.fixture
async def work(hub: HubParts, client: httpx.AsyncClient) -> Work:
    made = (await client.post("/projects", json={"name": "Till", "workspace_path": "till"})).json()
    task_id = (await client.post("/tasks", json={"project_id": made["id"], "title": "Greets"})).json()["id"]
    async with hub.db.read() as session:
        project, task = await session.get_one(Project, made["id"]), await session.get_one(Task, task_id)
    path, branch = Path(project.workspace_path), f"wfhub/{task.key}-1"
    base = await hub.repos.target(project.id, path, "main")
    tree = await hub.repos.open_worktree(project.id, task.key, branch, base)
    runs: list[Run] = []
    for number in (1, 2):
        async with hub.db.write() as session:
            run = await make.make_run(session, task, state=RunState.PASSED, round=number)
        run.checkpoint_sha = await hub.repos.checkpoint(tree, run.id)
        (tree.path / "hello.txt").write_text(f"hello {number}\n")
        await hub.repos.commit_all(tree, f"Round {number}", {"Task": task.key})
        place = {"worktree": str(tree.path), "branch": branch}
        async with hub.db.write() as session:
            kept = await session.get_one(Run, run.id)
            kept.checkpoint_sha, kept.details = run.checkpoint_sha, {"place": place}
        runs.append(run)
    async with hub.db.write() as session:
        task = await session.get_one(Task, task_id)
        task.branch, task.base_sha, task.stage, task.state = branch, base, "dev", TaskState.WAITING
    return Work(hub, client, project, task, tree, runs)


async def test_a_merge_is_undone_and_its_change_brought_back(work: Work) -> None:
    merged = await work.merge()
    seen = await work.post("undo-merge", dry_run=True)
    assert (seen["dry_run"], seen["before"], seen["blocked"], work.git("rev-parse", "main")) == (
        True,
        merged,
        None,
        merged,
    )
    assert [(one["path"], one["status"], one["removed"]) for one in seen["files"]] == [("hello.txt", "deleted", 1)]
    assert [one["subject"] for one in seen["commits"]] == ["Merge", "Round 2", "Round 1"]
    assert "takes" in seen["sentence"] and "paused" in seen["sentence"]

    (work.path / "mine.txt").write_text("mine\n")
    work.git("add", "mine.txt")
    assert (await work.post("undo-merge", dry_run=True))["blocked"]["files"] == ["mine.txt"]
    refused = await work.post("undo-merge", 409)
    assert (refused["code"], refused["reason"], refused["files"]) == ("merge_waits", "dirty", ["mine.txt"])
    work.git("rm", "-q", "--cached", "mine.txt")

    done = await work.post("undo-merge", note="It broke the till.", expected=seen["before"])
    assert done["after"] == work.git("rev-parse", "main") and work.git("rev-parse", "main^") == merged
    assert not (work.path / "hello.txt").exists() and (work.path / "mine.txt").read_text() == "mine\n"
    task = done["task"]
    assert (task["stage"], task["state"], task["merged_sha"], task["branch"], task["round"]) == (
        "dev", "paused", None, None, 2,
    )  # fmt: skip
    event = (await work.client.get("/events", params={"limit": 500})).json()[-1]
    assert event["kind"] == "task.merge_undone" and event["actor"] == "person"
    assert {
        "before": {"commit": merged},
        "after": {"commit": done["after"]},
        "note": "It broke the till.",
    }.items() <= event["data"].items()
    assert "approval.void" in await work.kinds()
    assert (await work.post("undo-merge", 409))["code"] == "not_merged"

    dry = await work.post("recover", dry_run=True)
    back = await work.post("recover")
    assert back["branch"] == dry["branch"] == f"wfhub/{work.task.key}-3"
    assert [one["path"] for one in back["files"]] == ["hello.txt"]
    repos, project = work.hub.repos, work.project.id
    assert (await repos.texts(project, back["branch"], ["hello.txt"])) == {"hello.txt": "hello 2\n"}
    made = await repos.merge(project, work.path, back["branch"], "main", "Again", {}, "again")
    assert made.delivered and (work.path / "hello.txt").read_text() == "hello 2\n"


async def test_a_task_is_rolled_back_and_what_it_had_is_found_again(work: Work) -> None:
    ways = await work.ways()
    points = {point["run_id"]: point for point in ways["checkpoints"]}
    assert set(points) == {run.id for run in work.runs} and all(point["current"] for point in points.values())
    second, tip = work.runs[1], await work.hub.repos.head(work.project.id, work.tree.branch)
    (work.tree.path / "half.txt").write_text("not committed\n")

    seen = await work.post("rollback", run_id=second.id, dry_run=True)
    assert (seen["before"], seen["after"], seen["uncommitted"]) == (tip, second.checkpoint_sha, ["half.txt"])
    assert [one["subject"] for one in seen["commits"]] == ["Round 2"]
    assert (work.tree.path / "half.txt").exists()

    found = await findings_of_both_rounds(work)
    done = await work.post("rollback", run_id=second.id)
    assert (done["task"]["state"], done["task"]["stage"], done["task"]["round"]) == ("paused", "dev", 2)
    assert (work.tree.path / "hello.txt").read_text() == "hello 1\n" and not (work.tree.path / "half.txt").exists()
    assert await work.hub.repos.head(work.project.id, work.tree.branch) == second.checkpoint_sha
    kept = {one["sha"]: one["ref"] for one in (await work.ways())["kept"]}
    assert kept[tip].startswith(f"refs/wfhub/kept/{work.task.key}/")
    lost = next(ref for ref in kept.values() if ref.startswith("refs/wfhub/lost/"))
    texts = await work.hub.repos.texts(work.project.id, next(s for s, r in kept.items() if r == lost), ["half.txt"])
    assert texts == {"half.txt": "not committed\n"}

    assert await found() == {"old": "open", "fixed since": "open", "new": "void", "new, fixed": "fixed", "base": "open"}
    (void,) = (await work.client.get(f"/tasks/{work.task.id}/findings?state=void")).json()
    assert (void["note"], void["decided_by"]) == ("The work was rolled back to before DEV, round 2.", "person")
    assert {"finding.void", "finding.open"} <= {*await work.kinds()}
    async with work.hub.db.write() as session:
        row = await session.get_one(Finding, void["id"])
        named = {"tool": "pytest", "rule": "failed", "severity": "high", "title": "new", "message": ""}
        again = ReportedFinding.model_validate(named | {"fingerprint": row.fingerprint})
        task, run = await session.get_one(Task, work.task.id), await session.get_one(Run, second.id)
        assert [one.state for one in await file_findings(session, task, run, [again])] == ["open"], "seen again"

    back = await work.post("recover", ref=kept[tip])
    assert (back["after"], back["task"]["branch"]) == (tip, f"wfhub/{work.task.key}-2")
    elsewhere = await work.post("rollback", 409, run_id=second.id)
    assert elsewhere["code"] == "checkpoint_elsewhere" and "recover" in elsewhere["way_out"]
    assert (await work.post("recover", 409, ref="refs/heads/main"))["code"] == "nothing_to_recover"
    assert [one["kind"] for one in (await work.ways())["taken"]] == ["recover", "rollback"]


async def findings_of_both_rounds(work: Work) -> Callable[[], Awaitable[dict[str, str]]]:
    """As runs of both rounds filed and fixed them, and how they stand."""
    first, second = (run.id for run in work.runs)
    async with work.hub.db.write() as session:
        for title, run_id, fixed in (
            ("old", first, None), ("fixed since", first, second), ("new", second, None),
            ("new, fixed", second, second), ("base", second, None),
        ):  # fmt: skip
            state = "fixed" if fixed else "open"
            kept = {"run_id": run_id, "fixed_run_id": fixed, "state": state, "on_base": title == "base"}
            await make.make_finding(session, work.task, title=title, **kept)
        for run_id in (first, second, None):
            await make.make_criterion(session, work.task, met=True, run_id=run_id)

    async def states() -> dict[str, str]:
        criteria = (await work.client.get(f"/tasks/{work.task.id}/criteria")).json()
        assert [one["met"] for one in criteria if one["met"] is not None] == [True, True], "the second round's is open"
        rows = (await work.client.get(f"/tasks/{work.task.id}/findings")).json()
        return {row["title"]: row["state"] for row in rows}

    return states


async def test_a_live_run_is_in_the_way_until_it_is_killed(work: Work) -> None:
    async with work.hub.db.write() as session:
        run = await make.make_run(session, work.task, state=RunState.RUNNING, owner=None)
        task = await session.get_one(Task, work.task.id)
        task.state, task.current_run_id = TaskState.RUNNING, run.id
    refused = await work.post("rollback", 409, run_id=work.runs[0].id)
    assert refused["code"] == "task_busy" and "force" in refused["way_out"]
    done = await work.post("rollback", run_id=work.runs[0].id, force=True)
    assert done["task"]["state"] == "paused" and not (work.tree.path / "hello.txt").exists()
    assert (await work.client.get(f"/runs/{run.id}")).json()["state"] == "cancelled"


async def test_what_a_crash_left_begun_is_finished(work: Work) -> None:
    """The row stands and git did it; main-api died before it wrote that down."""
    merged = await work.merge()
    seen = await foresee(work.hub.db, work.hub.repos, Wanted("undo_merge", work.task.id))
    async with work.hub.db.write() as session:
        row = Restoration(
            project_id=work.project.id, task_id=work.task.id, kind="undo_merge", state="begun", actor="person",
            plan=seen.plan, branch="main", before=merged, created_at=now() - timedelta(minutes=1),
        )  # fmt: skip
        session.add(row)
    busy = await work.client.post(f"/tasks/{work.task.id}/set-stage", json={"stage": "dev"})
    assert (busy.status_code, busy.json()["code"]) == (409, "task_busy")
    assert await finish_begun(work.hub.db, work.hub.repos) == 1
    assert await finish_begun(work.hub.db, work.hub.repos) == 0
    assert work.git("rev-list", "--count", f"{merged}..main") == "1"
    task = (await work.client.get(f"/tasks/{work.task.id}")).json()
    assert (task["state"], task["merged_sha"]) == ("paused", None)
    assert (await work.ways())["taken"][0]["state"] == "done"
