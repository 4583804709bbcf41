"""`wf` beside a hub that listens: each command's JSON has its documented shape, and its exit code."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import structlog

from services.cli import complete
from services.cli.exits import Exit
from services.cli.shapes import INSTEAD, SHAPES, Shape
from services.domain.states import QuestionState, RequestState, RunState, TaskState, WaitingReason
from services.roles.seed import seed
from services.store.models import Question
from tests.api.conftest import TOKEN, Served
from tests.support.factories import (
    make_approval,
    make_comment,
    make_criterion,
    make_finding,
    make_plan,
    make_project,
    make_request,
    make_run,
    make_task,
)
from tests.support.terminal import Ended, wf

OPENAPI = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "list": list, "object": dict,
}  # fmt: skip
CRITERION = {"text": "It greets", "check": "pytest"}
TASK = {
    "id": "t1",
    "title": "Greet",
    "description": "By name.",
    "kind": "feature",
    "size": "S",
    "criteria": [CRITERION],
}
BODY = {"summary": "A greeting.", "complexity": "simple", "estimated_minutes": 5, "tasks": [TASK]}
Ids = dict[str, Any]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal that stands nowhere in particular; the server's own log goes where it does not mix with `wf`."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    monkeypatch.setenv("WFHUB_ROOT", str(tmp_path))
    monkeypatch.setenv("WFHUB_TOKEN", TOKEN)
    monkeypatch.delenv("WFHUB_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


@pytest.fixture
def shell(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setenv("MAIN_API_PORT", str(served.port))
    return served


async def run(*words: str, typed: str = "") -> Ended:
    return await asyncio.to_thread(wf, *words, typed=typed)


async def filled(served: Served) -> Ids:
    """Something of everything."""
    async with served.hub.db.write() as session:
        await seed(session)
        web = await make_project(session, key="WEB", name="The shop", workspace_path="/srv/shop")
        asked = await make_task(
            session, web, title="Greet by name", stage="deploy", state=TaskState.WAITING,
            waiting_reason=WaitingReason.APPROVAL,
        )  # fmt: skip
        await make_approval(session, asked)
        await make_criterion(session, asked)
        await make_comment(session, asked)
        await make_finding(session, asked)
        wondering = await make_task(
            session, web, title="Count the coins", stage="dev", state=TaskState.WAITING,
            waiting_reason=WaitingReason.ANSWER,
        )  # fmt: skip
        done = await make_run(session, wondering, state=RunState.BLOCKED, result="blocked")
        session.add(
            Question(project_id=web.id, task_id=wondering.id, run_id=done.id, stage="dev", text="Which coins?",
                     options=["Cents", "Euros"], state=QuestionState.ASKED)
        )  # fmt: skip
        idle = await make_task(session, web, title="Idle")
        request = await make_request(session, web, state=RequestState.PLANNED)
        plan = await make_plan(session, request, body=BODY)
        other = await make_plan(session, await make_request(session, web, state=RequestState.PLANNED), body=BODY)
        return {"run": done.id, "idle": idle.key, "plan": plan.id, "other": other.id, "web": web.id}


def check(told: dict[str, Any], shape: Shape) -> None:
    assert told["schema"] == 1 and set(told) == {"schema", *shape}
    for name, kind in shape.items():
        _check(told[name], kind)


def _check(value: Any, kind: str) -> None:
    if kind.endswith(" or null"):
        if value is None:
            return
        kind = kind.removesuffix(" or null")
    if kind in PLAIN:
        assert isinstance(value, PLAIN[kind]), (value, kind)
        return
    reference = {"$ref": f"#/components/schemas/{kind.strip('[]')}"}
    schema = {"type": "array", "items": reference} if kind.startswith("[") else reference
    jsonschema.validate(value, {**schema, "components": OPENAPI["components"]})


async def test_what_json_prints_has_its_shape(shell: Served, tmp_path: Path) -> None:
    ids = await filled(shell)
    seen = set()

    async def told(name: str, *words: str, instead: str | None = None, code: int = 0) -> dict[str, Any]:
        ended = await run(*name.split(), *words, "--json")
        assert ended.code == code, (name, words, ended)
        seen.add(name)
        check(ended.json, SHAPES[name] if instead is None else INSTEAD[name][instead])
        return ended.json

    assert (await told("project list"))["total"] == 1
    made = await told("project create", str(tmp_path / "fresh"), "--key", "new")
    assert (made["project"]["key"], made["project"]["name"]) == ("NEW", "fresh")
    assert (await told("project show", "the SHOP"))["project"]["id"] == ids["web"]
    assert (await told("project edit", "NEW", "--name", "Renamed", "--budget", "2"))["project"]["budget_usd"] == 2
    archived = await told("project archive", "NEW")
    assert (await told("project unarchive", "new"))["project"]["id"] == archived["project"]["id"]
    assert (await told("project delete", "NEW", "--yes"))["deleted"] == "NEW"

    assert (await told("task list", "-p", "WEB"))["total"] == 3
    shown = await told("task show", "web-1")
    assert (len(shown["criteria"]), len(shown["findings"]), len(shown["comments"])) == (1, 1, 1)
    key = (await told("task create", "Say hello", "-p", "WEB", "-c", "It does"))["task"]["key"]
    assert (await told("task edit", key, "--priority", "9"))["task"]["priority"] == 9
    assert (await told("task move", key, "dev"))["task"]["stage"] == "dev"
    await told("task comment", key, "As agreed.")
    await told("task tell", key, "In Euro, please.")
    assert (await told("task cancel", key, "--yes"))["task"]["state"] == "cancelled"
    assert (await told("task delete", key, "--yes"))["deleted"] == key
    assert (await told("task run", ids["idle"], "--stage", "dev"))["run"]["state"] == "queued"

    assert (await told("run list", "--task", "WEB-2"))["total"] == 1
    assert (await told("run show", ids["run"][-8:]))["run"]["id"] == ids["run"]
    live = (await told("run list", "--state", "queued"))["runs"][0]["id"]
    await told("run kill", live, "--yes")

    assert (await told("inbox"))["total"] >= 4
    assert (await told("inbox show", "WEB-1"))["item"]["kind"] == "approval"
    answered = await told("answer", "WEB-2", "Cents")
    assert answered["decision"]["state"] == "answered"
    assert (await told("reject", f"plan:{ids['other']}"))["decision"]["state"] == "rejected"
    await told("inbox decide", "WEB-1", "request_changes", "--note", "In Euro.")

    assert (await told("plan list", "--state", "waiting"))["total"] == 1
    assert (await told("plan show"))["plan"]["id"] == ids["plan"]
    await told("pause", "everything")
    await told("pause", instead="without WHAT")
    await told("resume", "everything")
    await told("pause", "WEB")
    await told("resume", "WEB")
    assert (await told("plan approve"))["plan"]["state"] == "approved"
    assert (await told("plan progress", str(ids["plan"])))["progress"]["total"] == 1

    bug = str((await told("bug report", "The till jams", "-p", "WEB", "--severity", "high"))["bug"]["id"])
    await told("bug list", "-p", "WEB")
    await told("bug show", bug)
    assert (await told("bug mend", bug, "--task"))["bug"]["state"] == "accepted"
    assert (await told("bug close", bug, "--fixed"))["bug"]["state"] == "fixed"

    await told("budget")
    await told("budget show")
    assert (await told("budget raise", "today", "5"))["budgets"]["today"]["limit_usd"] == 5
    await told("budget raise", "WEB", "7")
    await told("budget raise", "WEB", "--no-limit")
    assert (await told("config set", "daily_budget_usd=3.5", "include_images=false"))["version"] > 0
    both = {one["name"]: one for one in (await told("config"))["settings"]}
    assert (both["daily_budget_usd"]["value"], both["include_images"]["value"]) == (3.5, False)
    assert both["daily_budget_usd"]["source"] == "database"
    await told("config show")
    await told("config unset", "daily_budget_usd")
    assert len((await told("config history"))["versions"]) == 2
    await told("models roles")
    assert (await told("models use", "dev", "ollama/small:1b"))["role"]["models"] == ["ollama/small:1b"]
    await told("workflow list")
    await told("workflow export", "software")
    await told("logs", instead="without SERVICE")
    await told("sessions")
    await told("login")
    link = await told("open", ids["idle"])
    assert f"task%3D{ids['idle'].split('-')[1]}" in link["url"]
    asked = await told("idea", "Greet in French", "-p", "WEB", "--no-wait")
    assert asked["request"]["text"] == "Greet in French"
    changed = await run("plan", "change", str(ids["plan"]), "Shorter", "--json")
    assert (changed.code, changed.json["error"]["exit"]) == (Exit.CONFLICT, Exit.CONFLICT)
    elsewhere = {
        "start", "stop", "status", "doctor", "backup", "restore", "token rotate", "secrets rotate", "metrics rebuild",
        "models list", "models fit", "models bench", "models probe", "models pull", "workflow check", "workflow import",
        "run logs", "task diff", "approve", "plan change", "plan reject",
        "stack logs", "stack restart", "stack build", "stack cleanup", "stack compose",
    }  # fmt: skip
    assert set(SHAPES) - seen == elsewhere


async def test_exit_codes(shell: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await filled(shell)
    for code, words in (
        (Exit.NOT_FOUND, ["task", "show", "WEB-99"]),
        (Exit.NOT_FOUND, ["task", "show", "NOPE"]),
        (Exit.NOT_FOUND, ["project", "show", "nope"]),
        (Exit.NOT_FOUND, ["run", "show", "zzzz"]),
        (Exit.NOT_FOUND, ["approve", ids["idle"]]),
        (Exit.NOT_FOUND, ["config", "set", "nope=1"]),
        (Exit.USAGE, ["config", "set", "daily_budget_usd"]),
        (Exit.USAGE, ["config", "set", "daily_budget_usd=-4"]),
        (Exit.USAGE, ["task", "edit", ids["idle"]]),
        (Exit.USAGE, ["plan", "show"]),
        (Exit.USAGE, ["answer", "WEB-1", "Cents"]),
        (Exit.USAGE, ["idea", "-p", "WEB"]),
        (Exit.CONFLICT, ["resume", "WEB"]),
        (Exit.USAGE, ["task", "delete", ids["idle"]]),
        (Exit.USAGE, ["watch"]),
    ):
        ended = await run(*words)
        assert ended.code == code, (words, ended)
        assert "Traceback" not in ended.err and ended.out.strip() == "", (words, ended)
    monkeypatch.setenv("WFHUB_TOKEN", TOKEN[::-1])
    stranger = await run("inbox", "--json")
    assert (stranger.code, stranger.json["error"]["code"]) == (Exit.NOT_SIGNED_IN, "unauthorized")


async def test_words_for_people(shell: Served) -> None:
    ids = await filled(shell)
    for words in (
        ["project", "list"], ["project", "show"], ["task", "list"], ["task", "show", "WEB-1"], ["run", "list"],
        ["run", "show", ids["run"]], ["inbox"], ["inbox", "show", "question:1"], ["plan", "list"], ["budget"],
        ["plan", "show", str(ids["plan"])], ["config"], ["pause"], ["models", "roles"], ["logs"], ["bug", "list"],
    ):  # fmt: skip
        ended = await run(*words)
        assert (ended.code, ended.err) == (0, ""), (words, ended)
        assert ended.out.strip() and "\x1b" not in ended.out, words
    board = (await run("task", "list")).out.splitlines()
    assert board[0].split() == ["task", "stage", "state", "prio", "changed", "title"]
    assert any(line.split()[:3] == ["WEB-1", "deploy", "waiting"] for line in board)
    assert "Which coins?" in (await run("inbox", "show", "question:1")).out
    assert "NAME" not in (await run("open", "--print")).out


async def test_the_project_is_the_folders(shell: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(shell)
    for name in ("one", "two"):
        assert (await run("project", "create", str(tmp_path / name), "--key", name)).code == 0
    assert (await run("project", "show")).code == Exit.USAGE
    (tmp_path / "two" / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "two" / "deep")
    assert (await run("project", "show", "--json")).json["project"]["key"] == "TWO"
    monkeypatch.setenv("WFHUB_PROJECT", "ONE")
    assert (await run("task", "create", "There", "--json")).json["task"]["key"] == "ONE-1"


async def test_tab_offers_what_there_is(shell: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await filled(shell)
    monkeypatch.setattr(complete, "SECONDS", 20.0)  # a hub that is slower offers nothing
    assert await asyncio.to_thread(complete.projects, "w") == [("WEB", "The shop")]
    assert ("WEB-1", "Greet by name") in await asyncio.to_thread(complete.tasks, "web-")
    assert await asyncio.to_thread(complete.tasks, "zz") == []
    assert ("everything", "all projects") in await asyncio.to_thread(complete.pausable, "")
    assert str(ids["plan"]) in dict(await asyncio.to_thread(complete.plans, ""))
    assert "question:1" in dict(await asyncio.to_thread(complete.items, "q"))
    assert "offline" in dict(await asyncio.to_thread(complete.settings, "off"))
    assert "main-api" in dict(await asyncio.to_thread(complete.logs, "m"))
    assert ids["run"] in dict(await asyncio.to_thread(complete.runs, ids["run"][:4]))
    monkeypatch.setenv("MAIN_API_PORT", "1")
    assert await asyncio.to_thread(complete.tasks, "") == []
