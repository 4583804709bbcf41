"""Real scripted models: real processes on free loopback ports, ended by their own handle."""

import contextlib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import ports

REPOSITORY = Path(__file__).parents[3]
START_SECONDS = 90


@dataclass(frozen=True)
class Running:
    """A scripted model's process and its address."""

    process: subprocess.Popen[str]
    url: str
    port: int


@pytest.fixture
def free_port() -> int:
    return ports.free_port()


@pytest.fixture
def start_scripted(tmp_path: Path, free_port: int) -> Iterator[Callable[..., Running]]:
    """start(text, *options) writes the scenario, starts the server and waits until it answers."""
    started: list[subprocess.Popen[str]] = []

    def start(text: str, *options: str) -> Running:
        scenario = tmp_path / "story.yaml"
        scenario.write_text(text, encoding="utf-8")
        process = run_scripted(scenario, free_port, *options)
        started.append(process)
        url = f"http://127.0.0.1:{free_port}"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=1):
                return Running(process, url, free_port)
            time.sleep(0.05)
        process.kill()
        raise AssertionError(f"the scripted model did not start: {process.communicate()}")

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def run_scripted(scenario: Path, port: int, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "services.models.scripted", "--port", str(port), "--scenario", str(scenario)]
    return subprocess.Popen(
        [*command, *options], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
