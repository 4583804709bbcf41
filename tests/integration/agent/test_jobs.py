"""Jobs over HTTP against a real agent-api process: idempotence, restarts, cancelling, events, artifacts."""

import concurrent.futures
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.agent.conftest import RUN, RunningAgent, alive, command, wait_for

SLOW = "echo $$ > shell.pid; (setsid sleep 63.25 & echo $! > child.pid; wait) & wait"


def pids(worktree: Path) -> list[int]:
    """Pids as the cage sees them: real ones under landlock and none."""
    return [int((worktree / name).read_text()) for name in ("shell.pid", "child.pid")]


def sleepers() -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == b"sleep\x0063.25\x00" and alive(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def events(agent: RunningAgent, after: int = 0, step: str = "qa") -> list[dict[str, Any]]:
    with agent.http.stream("GET", f"/jobs/{RUN}/{step}/events", params={"after": after}) as answer:
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        return [json.loads(line) for line in answer.iter_lines() if line]


def test_a_command_from_start_to_artifact(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, "echo working; exit 3")
    assert agent.put(spec).status_code == 202
    state = agent.finished(spec)
    result = state["result"]
    assert (result["outcome"], result["exit_code"], result["incarnation"]) == ("completed", 3, 1)
    assert result["cage"] in ("bubblewrap", "landlock")
    [kept] = [artifact for artifact in result["artifacts"] if artifact["kind"] == "log"]
    content = agent.http.get(f"/jobs/{RUN}/qa/artifacts/{kept['sha256']}").content
    assert content == b"working\n"
    assert hashlib.sha256(content).hexdigest() == kept["sha256"]
    assert agent.http.get(f"/jobs/{RUN}/qa/artifacts/{'0' * 64}").json()["code"] == "artifact_not_found"
    assert agent.http.get(f"/jobs/{RUN}/other").status_code == 404
    seen = events(agent)
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1)) == list(range(1, state["last_seq"] + 1))
    assert (seen[0]["kind"], seen[-1]["kind"]) == ("started", "finished")
    assert events(agent, after=len(seen) - 1) == seen[-1:]


def test_what_runs_stands_back_from_the_hub(agent: RunningAgent, worktree: Path) -> None:
    """On a small machine a project's tests must not slow down the board: neither as a process nor as a session."""
    sessions = Path("/proc/self/autogroup")  # a kernel need not have them
    spec = command(worktree, "nice; sh -c nice" + (f"; sed 's/.* //' {sessions}" if sessions.exists() else ""))
    agent.put(spec)
    result = agent.finished(spec)["result"]
    [kept] = [artifact for artifact in result["artifacts"] if artifact["kind"] == "log"]
    assert agent.http.get(f"/jobs/{RUN}/qa/artifacts/{kept['sha256']}").content == b"10\n10\n" + (
        b"10\n" if sessions.exists() else b""
    )


def test_the_same_put_at_once_is_one_job(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, "echo x >> count; sleep 0.5")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: agent.put(spec), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    agent.finished(spec)
    assert agent.put(spec).json()["state"] == "finished"
    assert (worktree / "count").read_text() == "x\n"


def test_events_are_followed_live(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two")
    agent.put(spec)
    seen: list[dict[str, Any]] = []
    follower = threading.Thread(target=lambda: _follow(agent, seen))
    follower.start()
    wait_for("the first output", 40, lambda: any(event["text"] == "one\n" for event in seen))
    assert follower.is_alive(), "the stream stays open while the job runs"
    (worktree / "go").touch()
    follower.join(10)
    assert not follower.is_alive()
    assert seen == events(agent), "what is replayed is what was followed"


def _follow(agent: RunningAgent, seen: list[dict[str, Any]]) -> None:
    with agent.http.stream("GET", f"/jobs/{RUN}/qa/events") as answer:
        for line in answer.iter_lines():
            seen.append(json.loads(line))


@pytest.mark.parametrize("backend", ["auto", "landlock"])
def test_cancel_ends_the_grandchildren(agent: RunningAgent, worktree: Path, backend: str) -> None:
    spec = command(worktree, SLOW, cage={"backend": backend})
    agent.put(spec)
    wait_for("the grandchild", 40, sleepers)
    state = agent.http.delete(f"/jobs/{RUN}/qa").json()
    assert (state["state"], state["result"]["outcome"]) == ("finished", "cancelled")
    assert not sleepers()
    assert events(agent)[-1]["data"]["outcome"] == "cancelled"
    assert agent.put(spec).json()["result"]["outcome"] == "cancelled", "a cancelled job stays so"


@pytest.mark.kill
@pytest.mark.parametrize("backend", ["bubblewrap", "landlock", "none"])
def test_killed_amid_a_command_then_started_again(agent: RunningAgent, worktree: Path, backend: str) -> None:
    agent.stop()
    agent.environment |= {"CAGE_ALLOW_NONE": "true"}
    agent.start()
    if backend not in agent.http.get("/api/config").json()["cages"]:
        pytest.skip(f"{backend} does not work here")
    line = f"if [ -e again ]; then echo second; exit 0; fi; touch again; {SLOW}"
    spec = command(worktree, line, cage={"backend": backend})
    agent.put(spec)
    wait_for("the grandchild", 40, sleepers)
    agent.kill()
    wait_for("the end of all it started", 40, lambda: not sleepers())
    agent.start()
    state = agent.http.get(f"/jobs/{RUN}/qa").json()
    assert (state["state"], state["incarnation"], state["result"]) == ("interrupted", 1, None)
    before = events(agent)
    assert before[-1]["kind"] != "finished"
    assert agent.put(spec).json()["incarnation"] == 2
    result = agent.finished(spec)["result"]
    assert (result["outcome"], result["exit_code"], result["incarnation"]) == ("completed", 0, 2)
    after = events(agent)
    assert after[: len(before)] == before
    assert [event["seq"] for event in after] == list(range(1, len(after) + 1))


def test_a_clean_stop_leaves_the_job_to_be_done_again(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, SLOW)
    agent.put(spec)
    wait_for("the grandchild", 40, sleepers)
    agent.stop()
    assert not sleepers()
    agent.start()
    assert agent.http.get(f"/jobs/{RUN}/qa").json()["state"] == "interrupted"


def test_what_a_loss_of_power_tore_is_done_again(agent: RunningAgent, worktree: Path) -> None:
    """A result that nobody can read is none; a spec that nobody can read is a job that was never started."""
    spec = command(worktree, "true")
    agent.put(spec)
    agent.finished(spec)
    [result] = agent.home.rglob("result.json")
    agent.stop()
    result.write_bytes(b"")
    agent.start()
    assert agent.http.get(f"/jobs/{RUN}/qa").json()["state"] == "interrupted"
    assert agent.put(spec).json()["incarnation"] == 2
    agent.finished(spec)
    result.with_name("spec.json").write_bytes(b"{")
    assert agent.http.get(f"/jobs/{RUN}/qa").status_code == 404


def test_limits_of_time_and_of_silence(agent: RunningAgent, worktree: Path) -> None:
    slow = command(worktree, "while :; do echo tick; sleep 0.2; done", step="slow", limits={"run_seconds": 1.5})
    apart = [worktree / name for name in ("mute", "beating", "counting", "writing")]
    for folder in apart:
        folder.mkdir()
    mute = command(apart[0], "sleep 30", step="mute", limits={"stall_seconds": 1})
    alive = "while :; do echo still at it after $SECONDS s; sleep 0.2; done"
    beating = command(apart[1], alive, step="beating", limits={"stall_seconds": 3})
    # A busy machine lets commands of agents wait: each step has ten times the time it takes.
    counts = "for n in $(seq 15); do echo file $n; sleep 0.5; done"
    counting = command(apart[2], counts, step="counting", limits={"stall_seconds": 5})
    silent = "for n in $(seq 15); do date +%N > made-$n; sleep 0.5; done"
    writing = command(apart[3], silent, step="writing", limits={"stall_seconds": 5})
    for spec in (mute, beating, counting, writing):
        agent.put(spec)
    assert agent.finished(mute)["result"]["reason"] == "stall"
    stopped = agent.finished(beating)["result"]
    assert stopped["reason"] == "stall", "a heartbeat is no progress"
    assert "The last it did, at " in stopped["sentence"] and "printed still at it after" in stopped["sentence"]
    said = [event for event in events(agent, step="beating") if event["data"].get("stalled_since")]
    assert len(said) == 1, "it is said once, while it happens"
    assert agent.finished(counting)["result"]["outcome"] == "completed"
    assert agent.finished(writing)["result"]["outcome"] == "completed", "a program that writes files says nothing"
    agent.put(slow)
    assert agent.finished(slow)["result"]["reason"] == "time_limit"


def test_capacity(agent: RunningAgent, worktree: Path) -> None:
    specs = [command(worktree, "sleep 20", step=f"s{number}") for number in range(5)]
    answers = [agent.put(spec) for spec in specs]
    assert [answer.status_code for answer in answers] == [202] * 4 + [429]
    problem = answers[4].json()
    assert (problem["code"], bool(problem["detail"]), bool(problem["way_out"])) == ("agent_full", True, True)
    agent.http.delete(f"/jobs/{RUN}/s0")
    assert agent.put(specs[4]).status_code == 202


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"worktree": "/no/such/folder"}, "bad_spec"), ({"cage": {"backend": "none"}}, "cage_unavailable")],
)
def test_a_spec_that_cannot_be_done(agent: RunningAgent, worktree: Path, change: dict[str, Any], reason: str) -> None:
    spec = command(worktree, "touch ran") | change
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert (result["outcome"], result["reason"]) == ("failed", reason)
    assert len(result["sentence"]) > 20
    assert not (worktree / "ran").exists()


def test_a_spec_of_another_address_or_shape(agent: RunningAgent, worktree: Path) -> None:
    spec = command(worktree, "true")
    answer = agent.http.put(f"/jobs/{RUN}/other", json=spec)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_job")
    assert agent.put(spec | {"surprise": 1}).status_code == 422
    assert agent.put(spec | {"run_id": "..%2f..%2fx"}).status_code in (400, 404)


def test_the_door(agent: RunningAgent, worktree: Path) -> None:
    bare = httpx.Client(base_url=str(agent.http.base_url), trust_env=False)
    assert bare.get("/health").status_code == 200
    for path in (f"/jobs/{RUN}/qa", "/api/config", "/docs", "/openapi.json", "/nothing"):
        assert bare.get(path).status_code == 401, path
        wrong = bare.get(path, headers={"Authorization": "Bearer wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "agent_unauthorized")
    digest = hashlib.sha256(b"an owner's token that only this test knows").hexdigest()
    assert bare.get("/api/config", headers={"Authorization": f"Bearer {digest}"}).status_code == 401
    assert agent.http.get("/health", headers={"Host": "evil.example"}).status_code == 421
    assert agent.http.get("/api/config", headers={"Origin": "https://evil.example"}).status_code == 421
    assert agent.http.get("/api/config", headers={"Origin": "http://localhost:8002"}).status_code == 200


def test_bodies_are_bounded(agent: RunningAgent) -> None:
    agent.stop()
    agent.environment |= {"AGENT_MAX_BODY_BYTES": "1000", "AGENT_BODY_TIMEOUT_SECONDS": "0.5"}
    agent.start()
    told = agent.http.post("/api/glob", content=b" " * 2000)
    assert (told.status_code, told.json()["code"]) == (413, "agent_body_too_large")
    assert agent.http.post("/api/glob", content=iter([b" " * 600] * 5)).status_code == 413, "chunked: it is counted"
    assert agent.http.post("/api/glob", content=_slow()).status_code == 408


def _slow() -> Iterator[bytes]:
    yield b"{"
    time.sleep(1.5)
    yield b"}"


def test_old_jobs_go_and_the_disk_is_bounded(agent: RunningAgent, worktree: Path) -> None:
    """Ended jobs go by age at start, and the oldest first when a new one needs their space; what runs stays."""
    first, second = command(worktree, "true", step="first"), command(worktree, "true", step="second")
    for spec in (first, second):
        agent.put(spec)
        agent.finished(spec)
    agent.stop()
    agent.environment |= {"AGENT_JOBS_BYTES": "20000", "AGENT_JOB_BYTES": "3000000"}
    agent.start()
    hungry = command(worktree, "head -c 2000000 /dev/zero > $TMPDIR/f; sleep 60", step="hungry")
    assert agent.put(hungry).status_code == 202
    states = {step: agent.http.get(f"/jobs/{RUN}/{step}").status_code for step in ("first", "second", "hungry")}
    assert states == {"first": 404, "second": 200, "hungry": 200}, states
    more = (command(worktree, "true", step=f"more{number}") for number in itertools.count())
    wait_for("the refusal", 40, lambda: agent.put(next(more)).json().get("code") == "agent_disk_full")
    assert "AGENT_JOBS_BYTES" in agent.put(next(more)).json()["way_out"]
    agent.http.delete(f"/jobs/{RUN}/hungry")
    flood = command(worktree, "while head -c 1000000 /dev/zero; do :; done > $TMPDIR/f", step="flood")
    assert agent.put(flood).status_code == 202
    result = agent.finished(flood)["result"]
    assert (result["reason"], "AGENT_JOB_BYTES" in result["sentence"]) == ("output_limit", True)
    agent.stop()
    agent.environment |= {"AGENT_KEEP_JOBS_DAYS": "0"}
    agent.start()
    assert agent.http.get(f"/jobs/{RUN}/flood").status_code == 404
