"""What goes wrong around a run, and that nothing is lost or done twice by it."""

import asyncio
import errno
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOS

from services.agents.errors import AgentUnreachable
from services.contract.run_result import JobState, RunResult
from services.contract.run_spec import RunSpec
from services.reviews import decide as reviews
from services.store.models import Finding, Handoff, Project, Run
from services.tasks.control import kill_run, trigger
from services.workflows import carry
from services.workflows.tidy import tidy
from tests.workflows.conftest import PLAN, SECONDS, Hub, git, report_of


async def one_task(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()


async def merge_by(hub: Hub, method: str) -> None:
    async with hub.bench.db.write() as session:
        (await session.get_one(Project, hub.project_id)).merge_method = method


async def test_a_squash_waits_for_a_dirty_workspace_and_touches_nothing(hub: Hub) -> None:
    await merge_by(hub, "squash")
    await one_task(hub)
    (hub.workspace / "README.md").write_text("my own edit\n")
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="waiting", waiting_reason="workspace")
    assert (hub.workspace / "README.md").read_text() == "my own edit\n"
    assert git(hub.workspace, "rev-list", "--count", "main") == "1"
    git(hub.workspace, "checkout", "-q", "--", "README.md")
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    done = await hub.task("POC-1", state="done")
    assert git(hub.workspace, "rev-list", "--parents", "main").count("\n") == 1, "one commit on the first one"
    assert git(hub.workspace, "log", "-1", "--format=%H %(trailers:key=Task,valueonly)") == f"{done.merged_sha} POC-1"


async def test_a_target_that_moved_is_proven_again_and_the_approval_stands(hub: Hub) -> None:
    await merge_by(hub, "rebase")
    await one_task(hub)
    await hub.approval("POC-1")
    (hub.workspace / "other.txt").write_text("mine\n")
    git(hub.workspace, "add", ".")
    git(hub.workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "moved")
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    assert task.round == 1
    started = await hub.events("run.started")
    assert [kind for kind in started if kind.endswith(":qa")] == ["run.started:qa"] * 2
    assert len(await hub.events("approval.asked")) == 1
    assert (hub.workspace / "other.txt").read_text() == "mine\n"
    assert git(hub.workspace, "rev-list", "--merges", "main") == ""
    told = git(hub.workspace, "log", "--format=%(trailers:key=Step,valueonly,separator=)|%an", "main").splitlines()
    assert [line.partition("|")[0] for line in told] == ["0-write", "0-edit", "", ""], "each commit of the branch's"


async def test_a_conflict_goes_back_to_dev_with_the_file_named(hub: Hub) -> None:
    rounds: list[str] = []

    def edit(spec: RunSpec) -> RunResult:
        if spec.role == "dev":
            rounds.append(spec.settings.message)  # type: ignore[union-attr]
        (Path(spec.worktree) / "README.md").write_text(f"agent {spec.role} {len(rounds)}\n")
        if len(rounds) == 1:
            (Path(spec.worktree) / "kept.txt").write_text("work that conflicts with nothing\n")
        return RunResult(outcome="completed", files_touched=("README.md",))

    hub.script.on_aider = edit
    await one_task(hub)
    await hub.approval("POC-1")
    (hub.workspace / "README.md").write_text("the person's own words\n")
    git(hub.workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qam", "mine")
    await hub.approve("POC-1")
    await hub.approval("POC-1")
    assert len(rounds) == 2
    assert "README.md conflicts with the target" in rounds[1]
    for side in ("The main branch has at line 1:\n```\nthe person's own words", "This task had at line 1:\n```\nagent"):
        assert side in rounds[1]
    async with hub.bench.db.read() as session:
        handoff = await session.scalar(sa.select(Handoff).where(Handoff.data["conflicts"].as_string().is_not(None)))
        finding = await session.scalar(sa.select(Finding).where(Finding.tool == "merge"))
    assert handoff and finding and finding.message.count("```") == 4
    (told,) = handoff.data["conflicts"]
    assert (told["path"], told["hunks"][0]["target"]) == ("README.md", "the person's own words")
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    assert task.branch == "wfhub/POC-1-2"
    assert (hub.workspace / "kept.txt").read_text() == "work that conflicts with nothing\n", "only the file is redone"
    assert "the person's own words" in git(hub.workspace, "log", "-p", "--format=", "main", "--", "README.md")


async def test_a_stall_is_tried_again_once_and_is_then_a_persons(hub: Hub) -> None:
    said = "Nothing moved for 300 seconds, so the job was stopped. The last it did, at 14:02:11 UTC: printed collecting"
    hub.script.on_aider = lambda _: RunResult(outcome="failed", reason="stall", sentence=said)
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="stall")
    assert (task.waiting_sentence, task.stage, task.round, task.lost_runs) == (said, "dev", 1, 2)
    async with hub.bench.db.read() as session:
        runs = (await session.scalars(sa.select(Run).where(Run.task_id == task.id).order_by(Run.queued_at))).all()
        assert [(run.state, run.reason) for run in runs] == [("lost", "stall")] * 2
        assert runs[0].finished_at is not None and runs[1].started_at is not None
        wait = (runs[1].started_at - runs[0].finished_at).total_seconds()
        assert wait >= 0.5, "half a second at least, with RETRY_FIRST_SECONDS of one"
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    await hub.task("POC-1", state="waiting", waiting_reason="stall")
    async with hub.bench.db.read() as session:
        runs = (await session.scalars(sa.select(Run).where(Run.task_id == task.id))).all()
        assert len(runs) == 4, "a person's word gives it a second try again"


async def test_what_a_closed_task_leaves_is_taken_away_and_nothing_of_an_open_one(hub: Hub) -> None:
    short = {"engine_keep_days": 1e-9, "refs_keep_days": 1e-9, "worktrees_keep_days": 1e-9}
    at_once = hub.bench.settings.model_copy(update=short)
    bench = replace(hub.bench, settings=at_once)
    await one_task(hub)
    await hub.approval("POC-1")
    await asyncio.sleep(0.2)
    before = await hub.bench.repos.runs_with_refs(1)
    assert before and (await tidy(bench))["refs"] == 0
    assert await hub.bench.repos.runs_with_refs(1) == before, "its task waits for a person"
    await hub.approve("POC-1")
    await hub.task("POC-1", state="done")
    folder, mirror = hub.bench.repos.depot.worktrees(1) / "POC-1", hub.bench.repos.mirror(1)
    tip, found = git(mirror, "rev-parse", "wfhub/POC-1-1"), folder.is_dir()
    stray = "refs/wfhub/checkpoints/01890000-0000-7000-8000-000000000000"  # of 2023, and no run has that id
    git(mirror, "update-ref", stray, tip)
    undone = "refs/wfhub/recovery/undo-POC-1-abc"  # of a merge that a person undid: it is kept for its own time
    git(mirror, "update-ref", undone, tip)
    bench = replace(bench, settings=at_once.model_copy(update={"refs_keep_days": 1}))
    assert found and (await tidy(bench))["worktrees"] == 2, "the folder and the branch"
    assert not folder.exists() and not git(mirror, "for-each-ref", "refs/heads/wfhub")
    assert git(mirror, "for-each-ref", "--format=%(objectname)", "refs/wfhub/kept/POC-1") == tip
    assert before[0] in await hub.bench.repos.runs_with_refs(1) and not git(mirror, "for-each-ref", stray)
    bench = replace(bench, settings=at_once)
    gone = await tidy(bench)
    assert gone["kept"] == 2 and not git(mirror, "for-each-ref", undone)
    assert not git(mirror, "for-each-ref", "refs/wfhub/kept")
    assert gone["refs"] > len(before) and await hub.bench.repos.runs_with_refs(1) == []
    assert git(hub.workspace, "log", "--format=%s", "main"), "what was merged stays"


async def test_a_missing_model_waits_for_the_person(hub: Hub) -> None:
    hub.script.on_aider = lambda _: RunResult(
        outcome="failed", reason="model_missing", sentence="There is no model x. Pull it."
    )
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="model")
    assert task.waiting_sentence == "There is no model x. Pull it."
    assert task.round == 1


async def test_an_interrupted_job_is_done_again_from_the_checkpoint(hub: Hub) -> None:
    def edit(spec: RunSpec) -> RunResult:
        path = Path(spec.worktree) / "count.txt"
        path.write_text((path.read_text() if path.exists() else "") + "x")
        if hub.agent.starts[(spec.run_id, spec.step)] < 3:
            return RunResult(outcome="lost", reason="gateway_unreachable", sentence="main-api is away")
        return RunResult(outcome="completed", files_touched=("count.txt",))

    hub.script.on_aider = edit
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="approval")
    assert task.round == 1
    mirror = hub.bench.repos.mirror(hub.project_id)
    runs = [key for key, count in hub.agent.starts.items() if count == 3]
    assert len(runs) == 2  # dev and docs, each started three times
    assert git(mirror, "show", f"{task.branch}:count.txt") == "xx"  # one letter each, not three


@pytest.mark.parametrize("died", [False, True], ids=["same worker", "another worker"])
async def test_a_crash_between_the_job_and_the_engines_book_finds_the_job(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, died: bool
) -> None:
    """The head start has begun DEV's job, and nothing else of the run is known to the engine."""
    await hub.ask()
    await hub.plan()
    booked = DBOS.start_workflow_async
    forgotten: list[str] = []
    forgetting = asyncio.Event()

    async def forget(story: Any, run_id: str) -> Any:
        if not forgotten:
            forgotten.append(run_id)
            forgetting.set()
            await asyncio.Event().wait()
        return await booked(story, run_id)

    monkeypatch.setattr(DBOS, "start_workflow_async", forget)
    await hub.approve_plan()
    run = await hub.until(lambda s: s.scalar(sa.select(Run).where(Run.stage == "dev", Run.job_started_at.is_not(None))))
    await asyncio.wait_for(forgetting.wait(), SECONDS)  # the row tells of the job a moment before
    assert forgotten == [run.id]
    if died:
        async with hub.bench.db.write() as session:
            mine = await session.get_one(Run, run.id)
            mine.owner, mine.details = "another", {**mine.details, "carried_by": "another"}
    hub.admission.carried.pop(run.id).cancel()
    await hub.sweep()
    await hub.task("POC-1", state="waiting", waiting_reason="approval")
    assert {key: count for key, count in hub.agent.starts.items() if count != 1} == {}
    async with hub.bench.db.read() as session:
        assert (await session.get_one(Run, run.id)).state == "passed"


async def test_a_run_killed_during_its_head_start_leaves_no_job(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person stops the run after its job was asked for and before that was written down."""
    start, ended = hub.agent.start, asyncio.Event()

    async def start_and_be_killed(spec: RunSpec) -> JobState:
        state = await start(spec)
        if spec.role == "dev":
            async with hub.bench.db.write() as session:
                await kill_run(session, spec.run_id, "person")
        return state

    async def cancel(run_id: str, step: str) -> None:
        ended.set()

    monkeypatch.setattr(hub.agent, "start", start_and_be_killed)
    monkeypatch.setattr(hub.agent, "cancel", cancel)
    await one_task(hub)
    await hub.task("POC-1", state="paused")
    run = await hub.until(lambda s: s.scalar(sa.select(Run).where(Run.stage == "dev", Run.state == "cancelled")))
    async with asyncio.timeout(SECONDS):
        await ended.wait()
    assert run.job_started_at is None


async def test_a_broken_storys_job_is_ended_before_the_task_goes_on(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worktree has one writer."""
    start, cancel, carry_out = hub.agent.start, hub.agent.cancel, carry.carry_out
    told: list[tuple[str, str, str]] = []
    away = [AgentUnreachable("The agent does not answer.", "It is asked again.")]

    async def begin(spec: RunSpec) -> JobState:
        told.append(("begun", spec.run_id, spec.step))
        return await start(spec)

    async def end(run_id: str, step: str) -> None:
        if away:
            raise away.pop()
        told.append(("ended", run_id, step))
        await cancel(run_id, step)

    async def broken(*_: Any) -> Any:
        monkeypatch.setattr(carry, "carry_out", carry_out)
        raise LookupError("a fault of the program")

    await hub.ask()
    await hub.plan()
    monkeypatch.setattr(hub.agent, "start", begin)
    monkeypatch.setattr(hub.agent, "cancel", end)
    monkeypatch.setattr(carry, "carry_out", broken)
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.approve_plan()
    await hub.task("POC-1", state="waiting", waiting_reason="approval")
    jobs = [(run_id, step) for what, run_id, step in told if what == "begun" and step == "0-edit"]
    first, again = jobs[:2]
    assert first[0] != again[0]
    assert ("ended", *first) in told[: told.index(("begun", *again))]


async def test_a_full_disk_is_told_before_a_run_and_waited_out_within(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No model is asked while its answer could not be kept; what was paid for is kept once there is room."""
    put, free, tried = hub.bench.proofs.put, [10**6], list[str]()

    def put_when_there_is_room(data: bytes) -> tuple[str, int]:
        tried.append("put")
        if len(tried) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return put(data)

    await hub.ask()
    await hub.plan()
    monkeypatch.setattr("services.workflows.room.shutil.disk_usage", lambda _: SimpleNamespace(free=free[0]))
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.approve_plan()
    task = await hub.task("POC-1", state="waiting", waiting_reason="workspace")
    assert "is full: 1.0 MB are free. Free some space" in task.waiting_sentence and task.round == 1
    assert [key for key in hub.agent.starts if key[1] == "0-edit"] == []
    free[0] = 10**9
    monkeypatch.setattr(hub.bench.proofs, "put", put_when_there_is_room)
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    task = await hub.task("POC-1", state="waiting", waiting_reason="approval")
    assert task.round == 1 and len(tried) > 3
    assert set(hub.agent.starts.values()) == {1}


async def test_what_fails_on_a_full_disk_is_no_round(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [10**9]
    monkeypatch.setattr("services.workflows.room.shutil.disk_usage", lambda _: SimpleNamespace(free=free[0]))

    def edit(_: RunSpec) -> RunResult:
        free[0] = 0
        return RunResult(outcome="failed", reason="malformed_edit", sentence="The edit broke off.")

    hub.script.on_aider = edit
    await one_task(hub)
    task = await hub.task("POC-1", state="waiting", waiting_reason="workspace")
    assert "The step ended meanwhile: The edit broke off. Free some space and start" in task.waiting_sentence
    assert task.round == 1


async def test_a_lock_left_in_the_persons_repository_is_told(hub: Hub) -> None:
    """It is theirs to remove; the merge costs no round, and leaves their files as they were."""
    await one_task(hub)
    heads = hub.workspace / ".git" / "refs" / "heads"
    approval = await hub.approval("POC-1")
    locked = heads / "main.lock"
    locked.touch()
    async with hub.bench.db.write() as session:
        await reviews.approve(session, approval.id, "person")
    task = await hub.task("POC-1", state="waiting", waiting_reason="workspace")
    assert str(locked) in task.waiting_sentence and "delete that file" in task.waiting_sentence
    assert git(hub.workspace, "status", "--porcelain") == "" and locked.exists()
    locked.unlink()
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    assert (await hub.task("POC-1", state="done")).round == 1


async def test_an_agent_that_is_away_is_waited_for(hub: Hub) -> None:
    hub.agent.reachable = False
    await hub.ask()
    await asyncio.sleep(0.5)
    hub.agent.reachable = True
    await hub.plan()


async def test_a_killed_run_stays_dead_and_its_task_is_the_persons(hub: Hub) -> None:
    hub.agent.reachable = False
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    hub.agent.reachable = True
    await hub.ask()
    await hub.plan()
    hub.agent.reachable = False
    await hub.approve_plan()
    run = await hub.until(lambda s: s.scalar(sa.select(Run).where(Run.stage == "dev", Run.state == "running")))
    async with hub.bench.db.write() as session:
        await kill_run(session, run.id, "person")
    hub.agent.reachable = True
    await asyncio.sleep(1.0)
    task = await hub.task("POC-1", state="paused")
    assert task.current_run_id is None
    async with hub.bench.db.read() as session:
        again = await session.get_one(Run, run.id)
    assert (again.state, again.reason) == ("cancelled", "killed")
    async with hub.bench.db.write() as session:
        await trigger(session, task.id, "person")
    await hub.task("POC-1", state="waiting", waiting_reason="approval")


async def test_main_broken_after_the_merge_opens_a_new_round_on_a_new_branch(hub: Hub) -> None:
    broken = {"left": 1}

    def edit(spec: RunSpec) -> RunResult:
        (Path(spec.worktree) / "one.txt").write_text(f"{spec.run_id}\n")
        return RunResult(outcome="completed", files_touched=("one.txt",))

    def command(spec: RunSpec) -> RunResult:
        if spec.role == "testing" and broken["left"]:
            broken["left"] -= 1
            return report_of("old", failing=("one",))
        return report_of("old", "one")

    hub.script.on_aider, hub.script.on_command = edit, command
    await one_task(hub)
    await hub.approve("POC-1")
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    assert (task.round, task.branch_number, task.branch) == (2, 2, "wfhub/POC-1-2")
    assert len(git(hub.workspace, "rev-list", "--merges", "main").splitlines()) == 2
