"""The local stack with real processes: start, start again, stop, and everything that goes wrong."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.stack.errors import NoSuchService, PortTaken, ServiceUnwell
from services.stack.health import HeartbeatHealth, HttpHealth
from services.stack.local import LocalStack
from services.stack.processes import Process, born
from services.stack.settings import StackSettings
from services.stack.table import Service
from tests.support.ports import free_port

FAKE = Path(__file__).parents[2] / "support" / "fake_service.py"
Make = Callable[..., LocalStack]


def http_service(name: str, *options: str) -> Service:
    port = free_port()
    command = (sys.executable, str(FAKE), "--port", str(port), *options)
    return Service(name, command, {"PATH": os.environ["PATH"], "ONLY": name}, HttpHealth(port, "SOME_PORT"))


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return replace(StackSettings.load(tmp_path / "with space", {}), start_timeout=60.0, stop_grace=1.0)


@pytest.fixture
def make(settings: StackSettings) -> Iterator[Make]:
    """Stacks of one hub; whatever a test left running is ended."""
    stacks: list[LocalStack] = []

    def build(*services: Service, **changes: float) -> LocalStack:
        stacks.append(LocalStack(replace(settings, **changes), services, migrations=lambda *_: None))  # type: ignore[arg-type]
        return stacks[-1]

    yield build
    for stack in stacks:
        stack.stop()


def pid_of(stack: LocalStack, name: str) -> int | None:
    return next(status.pid for status in stack.status() if status.name == name)


def beating(settings: StackSettings) -> Service:
    file = settings.run / "orchestrator.health"
    return Service(
        "orchestrator", (sys.executable, str(FAKE), "--beat", str(file)), {}, HeartbeatHealth(file, fresh=30.0)
    )


def test_start_status_start_again_stop(make: Make, settings: StackSettings) -> None:
    services = (http_service("main-api"), http_service("agent-api"), beating(settings))
    stack = make(*services)
    assert [status.state for status in stack.status()] == ["stopped"] * 3
    assert stack.start() == ["main-api", "agent-api", "orchestrator"]
    assert [status.state for status in stack.status()] == ["well"] * 3
    pids = {status.name: status.pid for status in stack.status()}
    assert make(*services).start() == []
    assert {status.name: status.pid for status in stack.status()} == pids
    assert stack.stop() == ["orchestrator", "agent-api", "main-api"]
    assert [born(pid) for pid in pids.values() if pid] == [None] * 3
    assert list(settings.run.glob("*.pid")) == []
    assert stack.stop() == []


def test_one_service_is_restarted_and_no_other(make: Make, settings: StackSettings) -> None:
    stack = make(http_service("main-api"), http_service("agent-api"))
    stack.start()
    kept, ended = pid_of(stack, "main-api"), pid_of(stack, "agent-api")
    assert stack.restart(["agent-api"]) == ["agent-api"]
    assert pid_of(stack, "main-api") == kept
    assert pid_of(stack, "agent-api") not in (None, ended)
    with pytest.raises(NoSuchService, match="no service named ollama"):
        stack.restart(["ollama"])
    stack.stop()
    with pytest.raises(NoSuchService, match="main-api does not run"):
        stack.restart(["main-api"])


def test_the_logs_of_services_by_name(make: Make, settings: StackSettings) -> None:
    settings.logs.mkdir(parents=True)
    (settings.logs / "main-api.log").write_text("one\ntwo\n")
    (settings.logs / "ollama_http.log").write_text("asked\n")
    stack = make(http_service("main-api"))
    assert list(stack.logs([], 1, go_on=False)) == [("main-api", "two"), ("ollama_http", "asked")]
    with pytest.raises(NoSuchService, match="no log of db"):
        stack.logs(["db"], 1, go_on=False)


def test_only_what_is_missing_is_started(make: Make) -> None:
    stack = make(http_service("main-api"), http_service("agent-api"))
    stack.start()
    kept, killed = pid_of(stack, "main-api"), pid_of(stack, "agent-api")
    assert killed
    os.kill(killed, signal.SIGKILL)
    assert stack.start() == ["agent-api"]
    assert pid_of(stack, "main-api") == kept
    assert pid_of(stack, "agent-api") not in (None, killed)


def test_a_process_gets_its_own_environment_and_nothing_else(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-person")
    service = http_service("agent-api")
    make(service).start()
    assert isinstance(service.health, HttpHealth)
    connection = http.client.HTTPConnection("127.0.0.1", service.health.port, timeout=5)
    connection.request("GET", "/")
    seen = json.loads(connection.getresponse().read())
    connection.close()
    assert seen["ONLY"] == "agent-api"
    assert set(seen) - {"LC_CTYPE"} == {"PATH", "ONLY", "WFHUB_LOG"}
    assert seen["WFHUB_LOG"].endswith("logs/agent-api.log")


def test_a_service_that_ends_at_once_shows_its_last_lines_and_leaves_nothing(make: Make) -> None:
    good, bad = http_service("main-api"), http_service("agent-api", "--fail")
    stack = make(good, bad)
    with pytest.raises(ServiceUnwell, match="agent-api ended at once with exit code 1") as caught:
        stack.start()
    assert "cannot go on: the moon is full" in caught.value.data["last_lines"]
    assert [status.state for status in stack.status()] == ["stopped", "stopped"]


def test_a_service_that_never_gets_well_is_given_up(make: Make, settings: StackSettings) -> None:
    mute = replace(beating(settings), command=(sys.executable, "-c", "import time; time.sleep(60)"))
    stack = make(mute, start_timeout=0.5)
    with pytest.raises(ServiceUnwell, match="no heartbeat"):
        stack.start()
    assert stack.status()[0].state == "stopped"


def test_a_foreign_program_on_the_port_is_named_and_left_alone(make: Make) -> None:
    service = http_service("main-api")
    assert isinstance(service.health, HttpHealth)
    with socket.create_server(("127.0.0.1", service.health.port)), pytest.raises(PortTaken) as caught:
        make(http_service("agent-api"), service).start()
    assert str(service.health.port) in caught.value.sentence
    assert "SOME_PORT" in caught.value.way_out


def test_a_pid_that_now_belongs_to_another_program_is_not_killed(make: Make, settings: StackSettings) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        settings.run.mkdir(parents=True)
        file = settings.run / "main-api.pid"
        Process(stranger.pid, "another-boot:1").write(file)
        stack = make(http_service("main-api"))
        assert stack.stop() == []
        assert stranger.poll() is None
        # The same with the true time of birth is taken for ours and ended: the time is what protects.
        Process(stranger.pid, born(stranger.pid) or "").write(file)
        assert stack.stop() == ["main-api"]
        assert stranger.wait(timeout=30) == -signal.SIGTERM
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stubborn_process_and_a_child_in_its_own_session_end_too(make: Make, tmp_path: Path) -> None:
    note = tmp_path / "child.pid"
    stack = make(http_service("agent-api", "--ignore-term", "--child-session", str(note)), stop_grace=0.3)
    stack.start()
    child = int(note.read_text())
    assert born(child)
    stack.stop()
    assert born(child) is None
    assert pid_of(stack, "agent-api") is None


def test_two_starts_at_once_start_each_service_once(make: Make, settings: StackSettings) -> None:
    services = (http_service("main-api"), beating(settings))
    started: list[list[str]] = []
    threads = [threading.Thread(target=lambda s=make(*services): started.append(s.start())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [[], ["main-api", "orchestrator"]]


def test_an_interrupted_start_leaves_nothing_running(make: Make, settings: StackSettings) -> None:
    slow = replace(beating(settings), command=(sys.executable, "-c", "import time; time.sleep(60)"))
    stack = make(http_service("main-api"), slow)
    timer = threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    # Started in the background by a shell, this process was told to ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer.start()
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            stack.start()
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < settings.start_timeout, "it was not waited for"
    assert [status.state for status in stack.status()] == ["stopped", "stopped"]


def test_who_was_told_an_old_secret_is_started_anew(make: Make, settings: StackSettings) -> None:
    """The token in .env was changed: those that know it take the new one, the others go on."""

    def told(token: str) -> list[Service]:
        return [replace(one, environment={**one.environment, "WFHUB_TOKEN": token}) for one in knowing] + [other]

    knowing, other = [http_service("main-api"), beating(settings)], http_service("scripted-model")
    said: list[str] = []
    make(*told("a")).start()
    pids = {name: pid_of(make(*told("a")), name) for name in ("main-api", "orchestrator", "scripted-model")}
    assert make(*told("a")).start() == []
    stack = make(*told("b"))
    stack._say = said.append
    assert stack.start() == ["main-api", "orchestrator"]
    assert [line for line in said if "stopping" in line] == ["stopping orchestrator", "stopping main-api"]
    after = {name: pid_of(stack, name) for name in pids}
    assert after["scripted-model"] == pids["scripted-model"]
    assert after["main-api"] != pids["main-api"] and after["orchestrator"] != pids["orchestrator"]
    assert make(*told("b")).start() == []
