"""What is looked at when a story is over: that it ended as it does undisturbed, and that nothing else is left."""

import asyncio
import json
import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from services.stack.processes import descendants, identify
from services.store.database import Database
from services.tasks.ownership import orphans
from tests.kill.hub import KillHub, until
from tests.kill.person import Person, git

Facts = dict[str, Any]
OF_RUNS = "run_id IN (SELECT id FROM runs WHERE project_id = :id)"
TOLD = {  # what the rows of a project say at the end, without ids and times
    "requests": "SELECT state, sentence FROM requests WHERE project_id = :id",
    "plans": "SELECT number, state, summary FROM plans WHERE project_id = :id",
    "tasks": "SELECT title, stage, state, round, branch_number, merged_sha IS NOT NULL FROM tasks "
    "WHERE project_id = :id",
    "runs": "SELECT t.title, r.stage, r.state, r.round, r.attempt, r.result, r.reason, r.stopping FROM runs r "
    "LEFT JOIN tasks t ON t.id = r.task_id WHERE r.project_id = :id",
    "criteria": "SELECT c.text, c.met, c.evidence, c.proof_id IS NOT NULL FROM criteria c "
    "JOIN tasks t ON t.id = c.task_id WHERE t.project_id = :id",
    "findings": "SELECT title, severity, state, round FROM findings WHERE project_id = :id",
    "approvals": "SELECT stage, state, patch_id FROM approvals WHERE project_id = :id",
    "handoffs": "SELECT t.title, h.from_stage, h.to_stage, h.state FROM handoffs h "
    "JOIN tasks t ON t.id = h.task_id WHERE t.project_id = :id",
    "comments": "SELECT t.title, c.author FROM comments c JOIN tasks t ON t.id = c.task_id WHERE t.project_id = :id",
    "proofs": "SELECT t.title, p.stage, p.step, p.kind, p.name FROM proofs p "
    "LEFT JOIN tasks t ON t.id = p.task_id WHERE p.project_id = :id",
    "answers": f"SELECT step, ordinal FROM model_answers WHERE {OF_RUNS}",
}
LINGERING = 20.0  # seconds in which what was under way at the end of a story ends by itself
CHECKPOINTS = "refs/wfhub/checkpoints/"
NOT_OF_THE_STORY = ("run.taken_over", "task.repaired")  # what is told of a blow


def facts_of(hub: KillHub, person: Person) -> Facts:
    """How the story ended; two stories that ended alike have the same facts."""
    project, workspace = person.project["id"], person.workspace
    facts: Facts = {name: sorted(map(str, hub.rows(query, id=project))) for name, query in TOLD.items()}
    events = hub.rows(
        "SELECT e.kind, t.title, r.stage, e.data FROM events e LEFT JOIN tasks t ON t.id = e.task_id "
        "LEFT JOIN runs r ON r.id = e.run_id WHERE e.project_id = :id", id=project,
    )  # fmt: skip
    told = [(kind, title, stage, _data(data).get("step")) for kind, title, stage, data in events]
    facts["events"] = sorted(str(one) for one in told if one[0] not in NOT_OF_THE_STORY)
    facts["tree"] = git(workspace, "rev-parse", "main^{tree}")
    facts["merges"] = sorted(
        re.sub(r"[A-Z]+[0-9]*-", "", line)
        for line in git(workspace, "log", "--first-parent", "--merges", "--format=%s", "main").splitlines()
    )
    facts["left in the workspace"] = git(workspace, "status", "--porcelain")
    facts["commits"] = len(git(workspace, "rev-list", "main").splitlines())
    mirror = hub.settings.home / "repos" / f"{project}.git"
    refs = git(mirror, "for-each-ref", "--format=%(refname)").splitlines()
    # Of a merge made ahead, where there was time; and of half an edit, which is kept for a person before it is redone.
    refs = [ref for ref in refs if not ref.startswith(("refs/wfhub/foreseen/", "refs/wfhub/lost/"))]
    # A checkpoint is made while its run's row is written; where that never came to be, tidying takes the ref away.
    rows = {str(id) for (id,) in hub.rows("SELECT id FROM runs WHERE project_id = :id", id=project)}
    refs = [ref for ref in refs if not ref.startswith(CHECKPOINTS) or ref.removeprefix(CHECKPOINTS) in rows]
    facts["refs"] = dict(Counter(re.sub(r"[0-9a-f-]{36}|[A-Z]+[0-9]*-|[0-9a-f]{40}", "", ref) for ref in refs))
    trees = git(mirror, "worktree", "list", "--porcelain").splitlines()
    # Checkouts of merge bases are made when they are wanted, and ahead where there is time.
    facts["worktrees"] = sum(line.startswith("worktree ") and "/base-" not in line for line in trees)
    return facts


def _data(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value or {}


def faults(hub: KillHub, person: Person, asked_before: int) -> list[str]:
    """What must not be after any story, however it was struck."""
    project = person.project["id"]
    approved = hub.rows("SELECT count(*) FROM approvals WHERE project_id = :id AND state = 'approved'", id=project)
    merges = git(person.workspace, "log", "--first-parent", "--merges", "--format=%s", "main").splitlines()
    found = [] if [(len(merges),)] == approved else [f"{len(merges)} merges for {approved[0][0]} approvals: {merges}"]
    twice = hub.rows(
        "SELECT step, count(*) FROM model_calls WHERE outcome = 'answered' AND project_id = :id "
        "GROUP BY run_id, step, request_sha256, ordinal HAVING count(*) > 1", id=project,
    )  # fmt: skip
    found += [f"an answer that was stored was asked for again: {twice}"] if twice else []
    outcomes = "SELECT outcome, count(*) FROM model_calls WHERE project_id = :id GROUP BY outcome"
    calls = dict(hub.rows(outcomes, id=project))
    asked, answered = hub.asked() - asked_before, calls.get("answered", 0)
    cut = calls.get("failed", 0) + calls.get("abandoned", 0)
    if not answered <= asked <= answered + cut:
        found.append(f"the model was asked {asked} times for {answered} answers and {cut} calls that were cut: {calls}")
    found += [f"{calls['open']} model calls hold money"] if calls.get("open") else []
    found += _in_nobodys_hands(hub)
    found += _output_twice(hub)
    return found + _left(hub)


def _in_nobodys_hands(hub: KillHub) -> list[str]:
    async def look() -> list[str]:
        database = Database(hub.settings.database_url)
        try:
            async with database.read() as session:
                return [task.key for task in await orphans(session)]
        finally:
            await database.close()

    table = "workflow_status" if hub.database == "sqlite" else "dbos.workflow_status"
    going = f"SELECT workflow_uuid, status FROM {table} WHERE status IN ('PENDING', 'ENQUEUED')"
    found = [f"tasks in nobody's hands: {lost}" for lost in [asyncio.run(look())] if lost]
    try:
        until(lambda: not hub.rows(going), "")
    except AssertionError:
        found.append(f"the engine has unfinished stories: {hub.rows(going)}")
    return found


def _output_twice(hub: KillHub) -> list[str]:
    found: list[str] = []
    for output in (hub.settings.home / "runs").glob("*/*.jsonl"):
        numbers = [json.loads(line)["seq"] for line in output.read_text().splitlines()]
        if numbers != sorted(set(numbers)):
            found.append(f"output twice: {output.parent.name}/{output.name}: {numbers}")
    return found


def _left(hub: KillHub) -> list[str]:
    """What is there now and stays: the hub may still take away what it needed."""
    end = time.monotonic() + LINGERING
    while (found := [*_left_on_disk(hub), *_left_running(hub)]) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _left_on_disk(hub: KillHub) -> list[str]:
    home = hub.settings.home
    repositories = [home / "repos", *hub.settings.workspaces.glob("*/.git")]
    found = [f"a lock was left: {path}" for folder in repositories for path in _locks(folder)]
    jobs = [path for path in home.glob("jobs/*/*") if not (path / "result.json").exists()]
    return found + [f"a job without a result: {path}" for path in jobs]


def _locks(folder: Path) -> list[Path]:
    """Also while git makes and removes folders there."""
    walked = [(Path(place), names) for place, _, names in os.walk(folder) if Path(place).name != "locks"]
    return [place / name for place, names in walked for name in names if name.endswith(".lock")]


def _left_running(hub: KillHub) -> list[str]:
    """Processes of this hub that none of its living ones has started: what a dead one left. And jobs in a cage."""
    living = [identify(process.pid) for process in hub.processes.values()]
    own = {one.pid for one in living} | {child.pid for one in living for child in descendants(one)}
    there = _of(hub)
    found = [f"a process was left: {pid} {words}" for pid, words in there if pid not in own]
    return found + [f"a job still runs: {pid} {words}" for pid, words in there if pid in own and "bwrap" in words]


def _of(hub: KillHub) -> list[tuple[int, str]]:
    home, found = str(hub.settings.home).encode(), []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            words, told = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if home in words or home in told:
            found.append((int(entry.name), words.replace(b"\0", b" ").decode("utf-8", "replace")[:200]))
    return found


def different(facts: Facts, usual: Facts) -> list[str]:
    """What is not as in an undisturbed story."""
    return [f"{name}: {_less(facts[name], usual[name])}" for name in usual if facts[name] != usual[name]]


def _less(one: Any, other: Any) -> str:
    if not isinstance(one, list):
        return f"{one} and not {other}"
    more, less = Counter(one) - Counter(other), Counter(other) - Counter(one)
    return f"more: {list(more.elements())}, less: {list(less.elements())}"
