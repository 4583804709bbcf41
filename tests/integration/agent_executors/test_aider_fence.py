"""What Aider may not do, and that it would: each attack also runs with the protection off, and succeeds there."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agent_api.aider_worker import child
from agent_api.aider_worker.protocol import EditRequest
from agent_api.cage.host import probe
from agent_api.cage.policy import resolve_cage
from agent_api.errors import StepFailed
from agent_api.executors.aider import AiderExecutor
from services.contract.run_spec import AiderSettings
from tests.integration.agent_executors.test_aider_edits import CALC, FIXED, run_command, whole
from tests.support.agent_jobs import Watched, agent_settings, make_job, make_repository
from tests.support.openai_server import Reply

PATHS = {"outside": "../outside.txt", "hook": ".git/hooks/pre-commit", "config": ".git/config", "link": "link/in.txt"}


def attack(*names: str) -> str:
    return "\n\n".join(f"{PATHS[name]}\n```\nattacked\n```" for name in names)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    work = make_repository(tmp_path / "work", {"calc.py": CALC})
    (tmp_path / "elsewhere").mkdir()
    (work / "link").symlink_to(tmp_path / "elsewhere")
    return work


@pytest.fixture
async def executor(tmp_path: Path, aider_python: Path) -> AsyncIterator[AiderExecutor]:
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=aider_python))
    yield executor
    await executor.close()


def job(executor: AiderExecutor, tmp_path: Path, worktree: Path, url: str, **overrides: Any) -> Watched:
    spec = {"message": "Make add() add.", "files": ("calc.py",)} | overrides.pop("spec", {})
    return make_job(tmp_path, worktree, AiderSettings(**spec), url, agent=executor._settings, **overrides)


def attacked(worktree: Path) -> set[str]:
    """Those of the paths that hold the attack's text now, or are there at all now."""
    return {
        name
        for name, path in PATHS.items()
        if (worktree / path).is_file() and (name != "config" or "attacked" in (worktree / path).read_text())
    }


@pytest.mark.aider
@pytest.mark.parametrize("backend", ["landlock", "none"])
async def test_writes_nowhere_but_in_the_worktree(executor, tmp_path, worktree, serve, backend):
    """With Landlock, and by the list of what is allowed alone."""
    server = await serve(Reply(attack(*PATHS) + "\n\n" + whole(calc__py=FIXED)))
    watched = job(executor, tmp_path, worktree, server.gateway_url, backend=backend)
    result = await executor.run(watched.job)
    assert attacked(worktree) == set()
    assert result.files_touched == ("calc.py",) and "Refused" in result.sentence
    assert [data["allowed"] for text, data in watched.of("asked")] == [False] * 4


@pytest.mark.aider
async def test_only_refused_edits_are_a_failure(executor, tmp_path, worktree, serve):
    server = await serve(Reply(attack(*PATHS)))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason) == ("failed", "edit_refused") and ".git/config" in result.sentence


@pytest.mark.aider
@pytest.mark.parametrize("names", [("outside",), ("hook", "config"), ("link",)])
async def test_the_bare_command_does_write_there(tmp_path, worktree, serve, aider_python, names):
    server = await serve(Reply(attack(*names)))
    said = await run_command(aider_python, tmp_path, worktree, server.gateway_url, "Make add() add.", "calc.py")
    assert attacked(worktree) == set(names), said


@pytest.mark.aider
async def test_a_message_with_commands_is_only_text(executor, tmp_path, worktree, serve):
    server = await serve(Reply("Nothing to do."))
    for message in ("/run touch pwned", "!touch pwned", f"/add {worktree / 'calc.py'}"):
        watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"message": message})
        assert (await executor.run(watched.job)).outcome == "completed"
        assert message in str(server.requests[-1]["messages"][-1]["content"])
    assert not (worktree / "pwned").exists()


@pytest.mark.aider
async def test_the_bare_command_does_run_them(tmp_path, worktree, serve, aider_python):
    server = await serve(Reply("Nothing to do."))
    await run_command(aider_python, tmp_path, worktree, server.gateway_url, "/run touch pwned")
    assert (worktree / "pwned").exists()


@pytest.mark.aider
async def test_the_repository_configures_nothing(executor, tmp_path, serve, aider_python):
    """Neither its .aider.conf.yml nor its .env: not in the executor, but in the bare command both."""
    files = {
        "calc.py": CALC,
        ".aider.conf.yml": "auto-test: true\ntest-cmd: touch pwned\n",
        ".env": "AIDER_MODEL=openai/other\nOPENAI_API_BASE=http://127.0.0.1:9/v1\n",
    }
    server = await serve(Reply(whole(calc__py=FIXED)))
    ours = make_repository(tmp_path / "ours", files)
    result = await executor.run(job(executor, tmp_path, ours, server.gateway_url).job)
    assert result.files_touched == ("calc.py",) and not (ours / "pwned").exists()
    assert server.requests[0]["model"] == "small-coder"
    files.pop(".env")
    theirs = make_repository(tmp_path / "theirs", files)
    await run_command(aider_python, tmp_path, theirs, server.gateway_url, "Make add() add.", "calc.py")
    assert (theirs / "pwned").exists()


@pytest.mark.aider
async def test_a_link_out_of_the_worktree_is_not_shown_to_the_model(executor, tmp_path, worktree, serve):
    (tmp_path / "secret.txt").write_text("the secret")
    (worktree / "readme").symlink_to(tmp_path / "secret.txt")
    server = await serve(Reply("ok"))
    for spec in ({"files": ("readme",)}, {"files": (), "read_files": ("../secret.txt",)}, {"files": (".git/config",)}):
        result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec=spec).job)
        assert (result.outcome, result.reason) == ("failed", "bad_spec")
    assert server.bodies == []


@pytest.mark.aider
async def test_a_missing_environment_says_what_to_do(tmp_path, worktree, serve):
    server = await serve(Reply("ok"))
    executor = AiderExecutor(agent_settings(tmp_path, aider_python=tmp_path / "nowhere/python"))
    with pytest.raises(StepFailed) as failed:
        await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert failed.value.reason == "setup_failed" and "start.sh" in failed.value.way_out


def escape(request: EditRequest, gateway: Any, report: Any) -> dict[str, Any]:
    """A child that was taken over: no list of Aider's stands in its way."""
    home = Path(request.worktree).parent
    open_port, other_port = request.model.split(",")
    tries: dict[str, Callable[[], Any]] = {
        "inside": lambda: Path(request.worktree, "in.txt").write_text("x"),
        "outside": lambda: (home / "out.txt").write_text("x"),
        "git": lambda: Path(request.worktree, ".git").write_text("x"),
        "read": lambda: (home / "secret.txt").read_text(),
        "gateway": lambda: socket.create_connection(("127.0.0.1", int(open_port)), 2).close(),
        "other_port": lambda: socket.create_connection(("127.0.0.1", int(other_port)), 2).close(),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "signal": lambda: os.kill(int(request.message), 0),
    }
    done = {}
    for name, attempt in tries.items():
        try:
            attempt()
            done[name] = True
        except OSError:
            done[name] = False
    return {"done": done}


@pytest.mark.cage
@pytest.mark.skipif(probe().landlock_abi < 6, reason="needs a kernel with Landlock ABI 6 (Linux 6.12)")
@pytest.mark.parametrize("backend", ["landlock", "none"])
def test_a_child_taken_over_is_held_by_the_kernel(tmp_path, backend):
    work = tmp_path / "work"
    work.mkdir()
    (work / ".git").write_text("gitdir: elsewhere")
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "tmp").mkdir()
    sleeper = subprocess.Popen([shutil.which("sleep") or "sleep", "60"])
    with socket.create_server(("127.0.0.1", 0)) as gateway, socket.create_server(("127.0.0.1", 0)) as other:
        open_port, other_port = gateway.getsockname()[1], other.getsockname()[1]
        cage = resolve_cage(backend=backend, tmp=tmp_path / "tmp", worktree=work, tcp_ports=(open_port,), host=probe())
        request = EditRequest(
            id="1", worktree=str(work), message=str(sleeper.pid), files=[], read_files=[],
            base_url=f"http://127.0.0.1:{open_port}/v1", api_key="key", model=f"{open_port},{other_port}",
            model_settings="", model_metadata="",
            edit_format="whole", context_tokens=8192, max_output_tokens=1024, temperature=0, run_seconds=5,
            gateway_wait_seconds=0, output_bytes=10_000, memory_bytes=2**33, file_bytes=2**20, model_turns=1,
            readable_secrets=[],
            cage={
                "backend": backend, "read_only": [str(path) for path in cage.read_only],
                "read_write": [str(path) for path in cage.read_write], "tmp": str(cage.tmp),
                "protected": [str(work / ".git")],
                "tcp_ports": [open_port], "namespaces": probe().namespaces, "niceness": 0, "covered": [],
            },
        )  # fmt: skip
        pid, pipe = child.fork_child(request, escape)
        with os.fdopen(pipe) as answers:
            said = answers.read()
        os.waitpid(pid, 0)
    sleeper.kill()
    sleeper.wait()
    everything = {"inside", "outside", "git", "read", "gateway", "other_port", "udp", "signal"}
    allowed = {name for name in everything if f'"{name}": true' in said}
    assert allowed == ({"inside", "gateway"} if backend == "landlock" else everything), (said, sys.version)
