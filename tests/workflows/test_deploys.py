"""After the merge: deployed as the owner granted it, told to the tests behind it, and never twice unasked."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.contract.run_result import Artifact, RunResult
from services.contract.run_spec import RunSpec
from services.credentials import credentials
from services.credentials.keyring import Keyring
from services.deploys import decide, queue
from services.projects.edit import edit_project
from services.store.models import Deploy, Event, Finding, Project, Proof, Run
from tests.workflows.conftest import PLAN, Hub, git, report_of

SECRET = "sekrit-of-the-site-42"
DEPLOY: dict[str, Any] = {
    "command": "./deploy.sh", "network": ["example.org:443"], "paths": ["/srv/site"], "test_network": ["*"],
    "secrets": {"SITE_TOKEN": "site/token"}, "env": {"STAGE": "live"}, "timeout_seconds": 50,
}  # fmt: skip


async def give(hub: Hub, **changes: Any) -> None:
    ring = Keyring("k" * 40)
    async with hub.bench.db.write() as session:
        project = await session.get_one(Project, hub.project_id)
        if not await credentials.list_credentials(session):
            await credentials.add(session, ring, "site", "token", SECRET, "person")
        await edit_project(
            session, project.id, project.version, {"settings": {"deploy": {**DEPLOY, **changes}}}, "person"
        )


async def deploys(hub: Hub) -> list[Deploy]:
    async with hub.bench.db.read() as session:
        return list((await session.scalars(sa.select(Deploy).order_by(Deploy.id))).all())


def log_of(hub: Hub, text: str) -> Artifact:
    digest = hub.agent.put_artifact(text.encode())
    return Artifact(name="deploy.log", kind="log", sha256=digest, size=len(text), media_type="text/plain")


async def test_a_deploy_that_fails_goes_back_with_its_log_and_the_tests_look_at_what_was_deployed(hub: Hub) -> None:
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    done: list[RunSpec] = []

    def command(spec: RunSpec) -> RunResult:
        if spec.settings.name != "deploy":
            return report_of("old", "one")
        done.append(spec)
        assert not (Path(spec.worktree) / "left-behind").exists()
        (Path(spec.worktree) / "left-behind").write_text("")
        if len(done) == 1:
            log = log_of(hub, f"logging in with {SECRET}\nno such table: pages\n")
            return RunResult(
                outcome="completed", exit_code=3, sentence="deploy ended with exit code 3.", artifacts=(log,)
            )
        return RunResult(outcome="completed", exit_code=0, answer={"url": "http://site/", "token": SECRET})

    def edit(spec: RunSpec) -> RunResult:
        name = f"{spec.task_key}-{spec.role}.txt"
        with (Path(spec.worktree) / name).open("a") as file:
            file.write("one more line\n")
        return RunResult(outcome="completed", files_touched=(name,))

    hub.script.on_command, hub.script.on_aider = command, edit
    await give(hub)
    await hub.ask()
    await hub.approve_plan()
    await hub.approve("POC-1")
    await hub.task("POC-1", round=2)  # the merge stays, and DEV has it
    merged = git(hub.workspace, "rev-parse", "main")
    await hub.approve("POC-1")
    task = await hub.task("POC-1", state="done")
    first, second = await deploys(hub)
    assert (first.state, first.exit_code, first.decision, first.commit) == ("failed", 3, "send_back", merged)
    assert (second.state, second.commit) == ("passed", task.merged_sha)
    assert second.facts == {"url": "http://site/", "token": "[redacted:credential site/token]"}

    prompts = [s.settings.message for s in hub.script.specs if s.settings.executor == "aider" and s.role == "dev"]
    assert "no such table: pages" in prompts[1]
    assert all(SECRET not in prompt for prompt in prompts)
    async with hub.bench.db.read() as session:
        finding = (await session.scalars(sa.select(Finding).where(Finding.tool == "deploy"))).one()
        events = (await session.scalars(sa.select(Event))).all()
        runs = (await session.scalars(sa.select(Run))).all()
        (proof,) = (await session.scalars(sa.select(Proof).where(Proof.name == "deploy.log"))).all()
    assert (finding.state, finding.severity) == ("fixed", "high")
    assert SECRET not in str([e.data for e in events]) + str([r.details for r in runs])
    assert SECRET.encode() not in hub.bench.proofs.get(proof.sha256)
    granted = next(event for event in events if event.kind == "deploy.granted")
    assert (granted.data["before"]["command"], granted.data["after"]["paths"]) == (None, ["/srv/site"])

    spec = done[1]
    assert spec.cage.read_write == ("/srv/site",) and spec.settings.hosts == ("example.org:443",)
    assert not spec.cage.network and spec.settings.secrets["SITE_TOKEN"].get_secret_value() == SECRET
    assert spec.settings.env == {"STAGE": "live", "WFHUB_DEPLOY_COMMIT": task.merged_sha}
    assert not await asyncio.to_thread(Path(spec.worktree).exists)  # the checkout was the deploy's own
    tests = [s for s in hub.script.specs if s.step.endswith("end-to-end")][-1]
    assert tests.settings.env["WFHUB_DEPLOY_URL"] == "http://site/" and tests.cage.network
    assert not tests.settings.secrets and not tests.cage.read_write


async def test_one_that_was_cut_off_waits_for_a_word_and_is_repeated_where_its_owner_said_so(hub: Hub) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    under_way: list[RunSpec] = []

    async def cut(spec: RunSpec) -> RunResult:
        under_way.append(spec)
        begun.set()
        await go_on.wait()
        return RunResult(outcome="lost", reason="interrupted", sentence="The agent was killed.")

    def command(spec: RunSpec) -> Any:
        if spec.settings.name != "deploy":
            return report_of("old", "one", "two")
        return RunResult(outcome="completed", exit_code=0) if go_on.is_set() else cut(spec)

    hub.script.on_command = command
    independent = [{**PLAN["tasks"][0]}, {**PLAN["tasks"][1], "depends_on": []}]
    hub.script.plan = {**PLAN, "tasks": independent}
    await give(hub)
    await hub.ask()
    await hub.approve_plan()
    await hub.approve("POC-1")
    await begun.wait()
    await hub.approve("POC-2")
    second = await hub.task("POC-2", stage="testing", state="queued")  # one at a time
    go_on.set()
    first = await hub.task("POC-1", state="waiting", waiting_reason="deploy")
    assert "cut off in the middle" in first.waiting_sentence
    (row,) = await deploys(hub)
    assert row.state == "interrupted"
    assert len(under_way) == 1  # and nobody began it again
    await hub.sweep()
    assert (await hub.task("POC-2")).state == "queued" and second.stage == "testing"
    async with hub.bench.db.write() as session:
        assert [one.id for one, _ in await decide.waiting_deploys(session)] == [row.id]
        await decide.decide(session, row.id, "again", actor="person")
    await hub.task("POC-1", state="done")
    await hub.task("POC-2", state="done")
    told = [(one.state, one.decision) for one in await deploys(hub)]
    assert told == [("interrupted", "again"), ("passed", None), ("skipped", None)]  # the newest commit had both

    go_on.clear()
    begun.clear()
    await give(hub, repeatable=True, env={"STAGE": "next"})
    async with hub.bench.db.write() as session:
        project = await session.get_one(Project, hub.project_id)
        asked = await queue.ask(session, project, actor="person")
    await begun.wait()
    go_on.set()
    over = await hub.until(lambda s: s.scalar(sa.select(Deploy).where(Deploy.id == asked.id, Deploy.state == "passed")))
    assert over.asked_by == "person"
    run = await hub.until(lambda s: s.scalar(sa.select(Run).where(Run.id == asked.run_id, Run.state == "passed")))
    assert run.details["steps"]["0-deploy"]["repeated"]

    hub.script.on_command = lambda _spec: RunResult(outcome="completed", exit_code=7, sentence="It failed.")
    async with hub.bench.db.write() as session:
        asked = await queue.ask(session, await session.get_one(Project, hub.project_id), actor="person")
    await hub.until(lambda s: s.scalar(sa.select(Deploy).where(Deploy.id == asked.id, Deploy.state == "failed")))
    async with hub.bench.db.read() as session:  # nobody can be sent back, so it waits for a word
        assert [one.id for one, _ in await decide.waiting_deploys(session)] == [asked.id]
