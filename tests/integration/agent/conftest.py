"""A real agent-api process on a free port, and cages to attack."""

import hashlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_api.cage.host import probe
from agent_api.cage.policy import Backend, CageHost, ResolvedCage, resolve_cage
from tests.support.ports import free_port

ROOT = Path(__file__).parents[3]
TOKEN = "an owner's token that only this test knows"
RUN = "0192f0c1-7a5e-7cc0-8a55-0123456789ab"


@dataclass
class RunningAgent:
    """agent-api as an operating-system process of its own; `kill` is SIGKILL, `start` begins its next life."""

    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def http(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
            trust_env=False,
        )

    def start(self) -> None:
        own = {
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in (".", "agent-api")),
            "PATH": os.environ["PATH"],
            "WFHUB_HOME": str(self.home),
            "WORKSPACES_DIR": str(self.home.parent / "workspaces"),
            "WFHUB_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "AGENT_API_PORT": str(self.port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent_api.app"], env=own | self.environment, cwd=self.home
        )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                if self.http.get("/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("agent-api did not become healthy")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def put(self, spec: dict[str, Any]) -> httpx.Response:
        return self.http.put(f"/jobs/{spec['run_id']}/{spec['step']}", json=spec)

    def finished(self, spec: dict[str, Any], seconds: float = 300) -> dict[str, Any]:
        """The job's state once it is no longer running."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.http.get(f"/jobs/{spec['run_id']}/{spec['step']}").json()
            if state["state"] == "finished":
                return state
            time.sleep(0.05)
        raise AssertionError(f"the job did not end: {state}")


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[RunningAgent]:
    yield from running_agent(tmp_path)


@pytest.fixture(scope="module")
def shared_agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """One process for tests that leave it as it was."""
    yield from running_agent(tmp_path_factory.mktemp("shared"))


def running_agent(root: Path) -> Iterator[RunningAgent]:
    home = root / "home"
    home.mkdir()
    running = RunningAgent(home, free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    (folder / ".git").write_text("gitdir: /nowhere\n")
    return folder


def command(worktree: Path, line: str, *, run_id: str = RUN, step: str = "qa", **more: Any) -> dict[str, Any]:
    """The spec of a command job; `settings` and other fields by keyword."""
    settings = {"executor": "command", "command": line} | more.pop("settings", {})
    return {"run_id": run_id, "step": step, "worktree": str(worktree), "settings": settings} | more


def run_of(worktree: Path) -> str:
    """A run of its own for each test: those that share an agent do not meet."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(worktree)))


def alive(pid: int) -> bool:
    """Whether the process lives, a zombie being dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(what: str, seconds: float, holds: Any) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


CAGES = ["bubblewrap", "landlock", "landlock without namespaces"]


def make_cage(kind: str, worktree: Path, tmp: Path, **more: Any) -> ResolvedCage:
    """A cage of this kind, or a skip where the host has none; `none` is the protection switched off."""
    host = probe()
    backend: Backend = "none" if kind == "none" else "bubblewrap" if kind == "bubblewrap" else "landlock"
    if backend == "bubblewrap" and host.bwrap is None:
        pytest.skip("bwrap does not work here; install bubblewrap")
    if backend == "landlock" and host.landlock_abi < 4:
        pytest.skip("this kernel has no Landlock with TCP rules (6.7 or newer)")
    if kind == "landlock" and not host.namespaces:
        pytest.skip("this host allows no user namespaces")
    if kind == "landlock without namespaces":
        host = CageHost(host.bwrap, host.landlock_abi, False)
    tmp.mkdir(exist_ok=True)
    return resolve_cage(backend=backend, tmp=tmp, worktree=worktree, host=host, **more)
