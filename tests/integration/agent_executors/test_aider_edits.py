"""The real Aider through its executor: what it edits, says and counts, and the same bytes for the same request."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_api.aider_worker import telemetry_names
from agent_api.executors.aider import AiderExecutor
from agent_api.feedback import FeedbackFile
from services.contract.feedback import Feedback
from services.contract.run_spec import AiderSettings
from tests.support.agent_jobs import TOKEN, Watched, agent_settings, make_job, make_repository
from tests.support.openai_server import Reply

pytestmark = pytest.mark.aider

CALC = "def add(a, b):\n    return a - b\n"
FIXED = "def add(a, b):\n    return a + b\n"


def whole(**files: str) -> str:
    """An answer in the `whole` format; `__` in a name stands for `.`."""
    return "\n\n".join(f"{name.replace('__', '.')}\n```\n{text}```" for name, text in files.items()) + "\n"


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", {"calc.py": CALC, "notes.md": "Notes.\n", "pkg/other.py": "x = 1\n"})


@pytest.fixture
async def executor(tmp_path: Path, aider_python: Path) -> AsyncIterator[AiderExecutor]:
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python))
    yield executor
    await executor.close()


def job(executor: AiderExecutor, tmp_path: Path, worktree: Path, url: str, **overrides: Any) -> Watched:
    spec = {"message": "Make add() add.", "files": ("calc.py",)} | overrides.pop("spec", {})
    return make_job(tmp_path, worktree, AiderSettings(**spec), url, agent=executor._settings, **overrides)


async def test_edits_a_file_and_tells_how(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url, incarnation=3)
    result = await executor.run(watched.job)
    assert (worktree / "calc.py").read_text() == FIXED
    assert (result.outcome, result.files_touched, result.cage) == ("completed", ("calc.py",), "landlock")
    assert (result.usage.tokens_in, result.usage.tokens_out, result.usage.model_calls) == (100, 20, 1)
    assert server.keys == [f"{TOKEN}.3"]
    (text, edit), *_ = watched.of("edit")
    assert text == "calc.py +1 -1" and "+    return a + b" in edit["diff"]
    assert watched.of("model_turn")[0][1]["finish_reason"] == "stop"
    assert "thought" in watched.kinds() and len(watched.groups) == 1
    assert TOKEN not in str(watched.events)


async def test_creates_files_in_new_folders_and_leaves_no_empty_ones(executor, tmp_path, worktree, serve):
    server = await serve(Reply("new/deep/mod.py\n```\ny = 2\n```\n"))
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"files": ("calc.py", "never.py")})
    result = await executor.run(watched.job)
    assert result.files_touched == ("new/deep/mod.py",)
    assert not (worktree / "never.py").exists()


async def test_an_answer_without_edits_is_completed_and_says_so(executor, tmp_path, worktree, serve):
    server = await serve(Reply("It is already right."))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.files_touched) == ("completed", ())
    assert "It is already right." in result.sentence


async def test_read_files_are_shown_but_not_written(executor, tmp_path, worktree, serve):
    server = await serve(Reply(whole(notes__md="Rewritten.\n", calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"read_files": ("notes.md",)})
    result = await executor.run(watched.job)
    assert "Notes." in str(server.requests[0]["messages"])
    assert (worktree / "notes.md").read_text() == "Notes.\n"
    assert result.files_touched == ("calc.py",) and "notes.md" in result.sentence


async def test_windows_line_ends_stay(executor, tmp_path, worktree, serve):
    (worktree / "calc.py").write_bytes(CALC.replace("\n", "\r\n").encode())
    server = await serve(Reply(whole(calc__py=FIXED)))
    await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (worktree / "calc.py").read_bytes() == FIXED.replace("\n", "\r\n").encode()


async def test_a_file_that_the_model_names_is_shown_to_it(executor, tmp_path, worktree, serve):
    server = await serve(Reply("I need to see pkg/other.py first."), Reply(whole(calc__py=FIXED)))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert "x = 1" in str(server.requests[1]["messages"]) and result.files_touched == ("calc.py",)


async def test_same_request_same_bytes_in_another_process(tmp_path, worktree, serve, aider_python):
    names = tuple(f"f{number}.py" for number in range(8))
    for name in names:
        (worktree / name).write_text(f"# {name}\n")
    server = await serve(Reply("Look at pkg/other.py and notes.md."), Reply("Nothing to do."))
    halves = []
    for run in range(2):
        executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python, wfhub_home=tmp_path / str(run)))
        asked = len(server.bodies)
        server.answers = [Reply("ok")] * asked + [Reply("Look at pkg/other.py and notes.md."), Reply("Nothing.")]
        watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"files": names}, incarnation=run + 1)
        await executor.run(watched.job)
        await executor.close()
        halves.append(server.bodies[asked:])
    assert len(halves[0]) == 2
    assert halves[0] == halves[1]
    assert time.strftime("%Y-%m-%d").encode() not in b"".join(halves[0])


async def test_several_edits_at_once(executor, tmp_path, serve):
    server = await serve(Reply(whole(calc__py=FIXED)))
    server.together = 3
    await executor.warm()
    jobs = []
    for number in range(3):
        folder = make_repository(tmp_path / f"work{number}", {"calc.py": CALC})
        jobs.append(job(executor, tmp_path, folder, server.gateway_url, step=f"code{number}").job)
    results = await asyncio.gather(*(executor.run(one) for one in jobs))
    assert [result.outcome for result in results] == ["completed"] * 3


async def test_the_libraries_of_aiders_analytics_are_not_loaded(executor):
    """Pydantic comes with mixpanel alone, as litellm is stood in for: its compiled part is what the kernel can tell."""
    await executor.warm()
    loaded = await asyncio.to_thread(Path(f"/proc/{executor.parent.pid}/maps").read_text)
    assert "pydantic_core" not in loaded
    with pytest.raises(RuntimeError, match="tells nobody"):
        telemetry_names.Posthog("key", host="https://example.org")


async def run_command(python: Path, tmp_path: Path, worktree: Path, url: str, message: str, *files: str) -> str:
    """The bare aider command, as a person would let it run unattended; answers its output."""
    (tmp_path / "metadata.json").write_text('{"openai/small-coder": {"max_input_tokens": 8192, "mode": "chat"}}')
    command = [
        str(python), "-m", "aider", "--model", "openai/small-coder", "--edit-format", "whole", "--yes-always",
        "--no-auto-commits", "--no-stream", "--no-pretty", "--no-check-update", "--analytics-disable",
        "--no-show-model-warnings", "--map-tokens", "0", "--no-gitignore",
        "--model-metadata-file", str(tmp_path / "metadata.json"), "--message", message, *files,
    ]  # fmt: skip
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "OPENAI_API_KEY": "key",
        "OPENAI_API_BASE": f"{url}/openai/v1", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }  # fmt: skip
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=worktree, env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


async def test_asks_a_person_in_the_stated_form_and_leaves_nothing_changed(executor, tmp_path, worktree, serve):
    asked = "<ask-person>\nEuro or dollar?\n- Euro\n- Dollar\n</ask-person>"
    server = await serve(Reply(f"{whole(calc__py=FIXED)}\n{asked}\n"))
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"must_change": True, "may_ask": True})
    result = await executor.run(watched.job)
    assert (result.outcome, result.sentence, result.files_touched) == ("asked", "It asks: Euro or dollar?", ())
    assert [(one.text, one.options) for one in result.questions] == [("Euro or dollar?", ("Euro", "Dollar"))]
    assert (worktree / "calc.py").read_text() == CALC and len(server.requests) == 1


async def test_a_persons_words_are_another_edit_of_the_same_run(executor, tmp_path, worktree, serve):
    feedback, asked = FeedbackFile(tmp_path / "feedback.jsonl"), []

    def answer(request: dict[str, Any]) -> Reply:
        asked.append(str(request["messages"]))
        feedback.add(Feedback(id=3, text="Say it in notes.md."))  # while the first edit is made
        return Reply(whole(calc__py=FIXED) if len(asked) == 1 else whole(notes__md="It adds.\n"))

    server = await serve(answer)
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"files": ("calc.py", "notes.md")})
    result = await executor.run(replace(watched.job, feedback=feedback))
    assert result.files_touched == ("calc.py", "notes.md") and result.answer["edits"] == 2
    assert ["Say it in notes.md." in words for words in asked] == [False, True] and len(watched.of("heard")) == 1
