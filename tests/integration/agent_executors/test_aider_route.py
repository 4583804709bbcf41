"""POST /api/aider/execute, from curl's side: the real Aider behind the real agent-api and the real gateway."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.agent_executors.test_aider_edits import CALC, FIXED, whole
from tests.support import factories as make
from tests.support.agent_jobs import make_repository
from tests.support.direct_hub import DirectHub, direct_hub
from tests.support.openai_server import ModelServer, Refusal, Reply

pytestmark = pytest.mark.aider
TEST = "python3 -c 'import calc; assert calc.add(2, 3) == 5, calc.add(2, 3)'"
UNFIT = "calc.py\n```\n<<<<<<< SEARCH\ndef subtract(x):\n    pass\n=======\ny\n>>>>>>> REPLACE\n```\n"
FILES = {"calc.py": CALC, "notes.md": "Notes.\n", "AGENTS.md": "Be terse.\n", ".env": "KEY=the secret\n"}


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    server = ModelServer([Reply(whole(calc__py=FIXED))])
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def hub(tmp_path: Path, sqlite_url: str, models: ModelServer, aider_python: Path) -> AsyncIterator[DirectHub]:
    url = f"{models.gateway_url}/openai/v1"
    async with direct_hub(tmp_path, sqlite_url, url, aider_python=aider_python, cage_allow_none=True) as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "workspaces" / "poc", FILES)


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True).stdout


async def execute(hub: DirectHub, workspace: str = "poc", **body: Any) -> httpx.Response:
    asked = {"workspace": workspace, "message": "Make add() add.", "files": ["calc.py"]} | body
    return await hub.agent.post("/api/aider/execute", json=asked)


async def test_the_whole_answer(hub: DirectHub, models: ModelServer, workspace: Path) -> None:
    (workspace / "notes.md").write_text("Notes of mine.\n")
    told = (await execute(hub, commit=True, test=TEST, id="one")).json()
    assert (told["success"], told["outcome"], told["files"]) == (True, "completed", ["calc.py"]), told
    assert "-    return a - b\n+    return a + b\n" in told["diff"] and told["diff"].startswith("diff --git a/calc.py")
    assert told["said"] == whole(calc__py=FIXED)
    used = {"tokens_in": 100, "tokens_out": 20, "cost": 0.0, "model_calls": 1, "measured": True}
    assert (told["usage"], told["model"], told["edit_format"]) == (used, "openai/small-coder", "whole")
    assert told["tests"] == [{"passed": True, "exit_code": 0, "output": ""}] and told["cage"] == "landlock"
    assert "Be terse." in str(models.requests[0]["messages"]), "the workspace's own guide"
    log = git(workspace, "log", "-1", "--format=%H %s|%an|%(trailers:key=Run,valueonly)", "--stat")
    assert log.startswith(f"{told['commits'][0]} Make add() add.|Workflow Hub|aider-one") and "notes.md" not in log
    assert git(workspace, "status", "--porcelain") == " M notes.md\n", "the person's own change stays theirs"
    again = (await execute(hub, commit=True, test=TEST, id="one")).json()
    assert again == told and len(models.bodies) == 1, "the same id is the same piece of work"
    other = await execute(hub, id="one", message="Something else.")
    assert (other.status_code, other.json()["code"]) == (409, "run_differs")


async def test_failing_tests_go_back_to_aider(hub: DirectHub, models: ModelServer, workspace: Path) -> None:
    wrong = CALC.replace("a - b", "a * b")
    models.answers = [Reply(whole(calc__py=wrong)), Reply(whole(calc__py=FIXED))]
    told = (await execute(hub, test=TEST)).json()
    assert told["success"] and [run["passed"] for run in told["tests"]] == [False, True]
    assert "AssertionError: 6" in str(models.requests[1]["messages"]) and told["usage"]["model_calls"] == 2
    assert told["diff"].count("\n+    return") == 1, "one diff over both rounds"
    names = {artifact["name"]: artifact for artifact in told["artifacts"]}
    kept = await hub.agent.get(f"/jobs/{told['run_id']}/aider/artifacts/{names['transcript.md']['sha256']}")
    for words in ("Make add() add.", "return a * b", "AssertionError: 6", "The project's tests pass"):
        assert words in kept.text, kept.text


WAYS_TO_FAIL: list[tuple[list[Any], dict[str, Any], str]] = [
    ([Reply("It is right as it is.")], {}, "no_change"),
    ([Reply(whole(calc__py="def add(a, b):\n"), finish="length")], {}, "model_truncated"),
    ([Reply(whole(calc__py=FIXED), finish="content_filter")], {}, "model_refused"),
    ([Reply(UNFIT)], {"edit_format": "diff"}, "edit_failed"),
    ([Reply("")], {}, "model_nonsense"),
    ([Reply(".env\n```\nKEY=mine\n```\n")], {}, "edit_refused"),
    ([Refusal(404, "", "no such model")], {}, "model_missing"),
    ([Reply(whole(calc__py=FIXED), seconds=30)], {"seconds": 1}, "time_limit"),
    ([Reply(whole(calc__py=CALC.replace("a - b", "1")))], {"test": TEST, "test_rounds": 1}, "tests_failed"),
]


async def test_each_way_to_fail_is_named(hub: DirectHub, models: ModelServer, workspace: Path) -> None:
    """And half an edit does not stay; but a change whose tests fail does, to be looked at."""
    for answers, body, reason in WAYS_TO_FAIL:
        models.answers, models.bodies[:] = answers, []
        answer = await execute(hub, **body)
        told = answer.json()
        ended = (answer.status_code, told["success"], told["outcome"], told["reason"])
        assert ended == (200, False, "failed", reason), told
        stays = reason == "tests_failed"
        assert ((workspace / "calc.py").read_text() != CALC) == bool(told["diff"]) == stays, told
        assert len(told["sentence"]) > 20 and told["commits"] == []
        assert any(artifact["name"] == "transcript.md" for artifact in told["artifacts"])
        assert (workspace / ".env").read_text() == FILES[".env"] and "the secret" not in str(models.requests)


BAD_INPUT: list[tuple[dict[str, Any], int, str]] = [
    ({"message": ""}, 422, "validation"),
    ({"surprise": 1}, 422, "validation"),
    ({"workspace": "nowhere"}, 400, "tool_refused"),
    ({"workspace": "../.."}, 403, "outside_workspace"),
    ({"model": "nobody/x"}, 400, "main_api_refused"),
]


async def test_bad_input(hub: DirectHub, workspace: Path) -> None:
    for body, status, code in BAD_INPUT:
        answer = await execute(hub, **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_the_projects_word(hub: DirectHub, models: ModelServer, workspace: Path) -> None:
    """Its test command, its model, what it lets be read, its budget."""
    nobody = await execute(hub, test=True)
    assert (nobody.status_code, nobody.json()["code"]) == (400, "tool_refused")
    settings = {"commands": {"test": TEST}, "models": {"dev": "openai/other"}, "cage": {"readable_secrets": [".env"]}}
    async with hub.hub.db.write() as session:
        await make.make_project(session, workspace_path=str(workspace), settings=settings)
    told = (await execute(hub, test=True, read_files=[".env"])).json()
    assert told["success"] and told["tests"][0]["passed"] and told["model"] == "openai/other"
    assert "the secret" in str(models.requests[0]["messages"])


async def test_a_commit_that_cannot_be(hub: DirectHub, models: ModelServer, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "workspaces" / "plain").mkdir()
    told = (await execute(hub, "plain", commit=True)).json()
    assert (told["reason"], models.bodies) == ("bad_spec", []) and "git init" in told["sentence"]
    (workspace / "calc.py").write_text(f"# mine\n{CALC}")
    told = (await execute(hub, commit=True)).json()
    assert told["success"] and told["commits"] == [] and "changes of yours already" in told["sentence"]
    assert git(workspace, "log", "--format=%s") == "first\n"


async def test_a_caller_who_goes_away_takes_the_edit_along(
    hub: DirectHub, models: ModelServer, workspace: Path
) -> None:
    models.answers = [Reply(whole(calc__py=FIXED), seconds=30), Reply(whole(calc__py=FIXED))]
    calling = asyncio.create_task(execute(hub, id="left"))
    await models.asked.wait()
    calling.cancel()
    for _ in range(600):
        state = (await hub.agent.get("/jobs/aider-left/aider")).json()
        if state["state"] != "running":
            break
        await asyncio.sleep(0.05)
    assert state["state"] == "interrupted" and (workspace / "calc.py").read_text() == CALC
    assert (await execute(hub, id="left")).json()["success"], "the same id does it again"
