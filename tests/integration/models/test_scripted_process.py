"""The scripted model as a process: what it counts, what survives a kill, how it refuses to start."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.models.scripted.request import canonical_sha256
from tests.integration.models.conftest import run_scripted

SCENARIO = "rules:\n  - when: {role: dev}\n    answer: Here it is.\n"
BODY = {
    "model": "demo",
    "messages": [{"role": "user", "content": "Role: dev\nStage: dev\nTask: T-1 Do it\nRound: 3\n"}],
}
PATH = "/v1/chat/completions"


def test_counts_survive_a_kill_and_the_same_request_gets_the_same_bytes(
    start_scripted: Callable[..., Any], tmp_path: Path
) -> None:
    count_file = tmp_path / "counts.jsonl"
    first = start_scripted(SCENARIO, "--count-file", str(count_file))
    answers = [httpx.post(f"{first.url}{PATH}", json=body).content for body in (BODY, dict(reversed(BODY.items())))]
    assert answers[0] == answers[1]
    assert (
        httpx.post(f"{first.url}{PATH}", json={**BODY, "messages": [{"role": "user", "content": "x"}]}).status_code
        == 404
    )
    first.process.kill()
    first.process.wait()
    assert [json.loads(line)["turn"] for line in count_file.read_text().splitlines()] == [0, 0, 0]
    with count_file.open("a") as file:
        file.write('{"sha256": "torn by the ki')
    second = start_scripted(SCENARIO, "--count-file", str(count_file))
    assert httpx.post(f"{second.url}{PATH}", json=BODY).content == answers[0]
    listed = httpx.get(f"{second.url}/scripted/requests").json()
    seen = {"role": "dev", "stage": "dev", "task": "T-1 Do it", "round": 3, "turn": 0}
    assert listed[0] == {"sha256": canonical_sha256(BODY), "count": 3, **seen}
    assert (listed[1]["count"], listed[1]["role"], len(listed)) == (1, None, 2)


def test_delay_is_waited_and_a_rules_own_goes_first(start_scripted: Callable[..., Any]) -> None:
    quick = "  - when: {role: qa}\n    answer: Quick.\n    delay_ms: 0\n"
    running = start_scripted(SCENARIO + quick, "--delay-ms", "60000")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{running.url}{PATH}", json=BODY, timeout=1)
    qa = {"model": "demo", "messages": [{"role": "user", "content": "Role: qa\nStage: qa\n"}]}
    assert httpx.post(f"{running.url}{PATH}", json=qa, timeout=30).status_code == 200


def test_a_term_ends_it_well_and_it_named_itself(start_scripted: Callable[..., Any]) -> None:
    running = start_scripted(SCENARIO)
    running.process.terminate()
    out, err = running.process.communicate(timeout=60)
    assert (running.process.returncode, err) == (0, "")
    assert "scripted model, not a language model" in out


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    scenario = tmp_path / "story.yaml"
    scenario.write_text(SCENARIO)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = run_scripted(scenario, port)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err == f"Port {port} on 127.0.0.1 is taken by another program. Give another one with --port.\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--port", "70000"), "Port 70000 on 127.0.0.1 can't be listened on: "),
        (("--host", "192.0.2.1"), " on 192.0.2.1 can't be listened on: "),
    ],
)
def test_an_address_that_is_none_of_this_computers_is_one_sentence(
    options: tuple[str, str], says: str, tmp_path: Path, free_port: int
) -> None:
    scenario = tmp_path / "story.yaml"
    scenario.write_text(SCENARIO)
    process = run_scripted(scenario, free_port, *options)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_faulty_scenario_ends_it_with_file_and_line(tmp_path: Path, free_port: int) -> None:
    scenario = tmp_path / "story.yaml"
    scenario.write_text(f"{SCENARIO}    typo: 1\n")
    process = run_scripted(scenario, free_port)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"{scenario}, line 4: " in err
    assert err.count("\n") == 1
