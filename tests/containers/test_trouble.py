"""What goes wrong with containers: one sentence, a way out, and nothing left behind."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from services.demo.sample_project import SCENARIO
from services.stack import choice
from services.stack.containers import ContainerStack
from services.stack.engine import connect
from services.stack.errors import ImageMissing, NoEngine, OtherStackRuns, PortTaken, ServiceUnwell
from services.stack.settings import StackSettings
from tests.support.container_hub import ContainerHub, container_hub, container_settings
from tests.support.engine import left_behind


def stack(tmp_path: Path, source: Path, given: Mapping[str, str], **images: str) -> ContainerStack:
    settings = container_settings(tmp_path, source, given, skip_https=True)
    return ContainerStack(replace(settings, images={**settings.images, **images}), SCENARIO)


def test_no_engine(tmp_path: Path, source: Path) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
    with pytest.raises(NoEngine, match="no Docker engine on this machine") as caught:
        stack(tmp_path / "hub", source, nowhere).start()
    assert "./start.sh --local" in caught.value.way_out
    with socket.socket(socket.AF_UNIX) as silent:  # a file that nobody serves
        silent.bind(f"{tmp_path}/docker.sock")
    with pytest.raises(NoEngine, match="No Docker engine answers"):
        stack(tmp_path / "hub", source, nowhere).start()


def test_without_an_engine_local_processes_are_chosen_and_the_reason_is_told(tmp_path: Path) -> None:
    settings = StackSettings.load(tmp_path, {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"})
    chosen = choice.to_start(settings)
    assert chosen.kind == "local"
    assert "no Docker engine" in chosen.why


def as_nobody(call: Callable[[], object]) -> str:
    """What `call` raises in a child process that has become another user."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - told to the parent
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        return told.read()


@pytest.mark.skipif("os.geteuid() != 0", reason="becomes another user, which needs root")
def test_no_right_to_use_the_engine() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as engine:
        Path(folder).chmod(0o755)
        path = Path(folder) / "docker.sock"
        engine.bind(str(path))
        path.chmod(0o660)
        said = as_nobody(lambda: connect({"DOCKER_HOST": f"unix://{path}"}))
        assert said.startswith("EngineForbidden") and "you may not use it" in said and "usermod -aG docker" in said
        Path(folder).chmod(0o700)
        assert as_nobody(lambda: connect({"DOCKER_HOST": f"unix://{path}"})).startswith("EngineForbidden")


def test_a_taken_port(hub: ContainerHub, docker: Mapping[str, str], source: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}, which db needs") as caught:
            stack(tmp_path, source, {**docker, "DB_PORT": str(port)}).start()
    assert "DB_PORT" in caught.value.way_out
    assert left_behind(docker, str(tmp_path)) == []


def test_an_image_that_is_not_there_and_cannot_be_pulled(
    hub: ContainerHub, docker: Mapping[str, str], source: Path, tmp_path: Path
) -> None:
    missing = stack(tmp_path, source, docker, POSTGRES_IMAGE="127.0.0.1:9/nobody/postgres:1")
    with pytest.raises(ImageMissing, match="nobody/postgres:1 is not on this machine") as caught:
        missing.start()
    assert "POSTGRES_IMAGE" in caught.value.way_out
    assert left_behind(docker, str(tmp_path)) == []


def test_an_unhealthy_service_shows_its_last_lines_and_all_is_taken_down(
    hub: ContainerHub, docker: Mapping[str, str], source: Path, tmp_path: Path
) -> None:
    unwell = stack(tmp_path, source, {**docker, "AGENT_CAPACITY": "-3"})
    with pytest.raises(ServiceUnwell, match="agent-api ended at once") as caught:
        unwell.start()
    assert any("AGENT_CAPACITY" in line for line in caught.value.data["last_lines"])
    assert [name for name in left_behind(docker, str(tmp_path)) if name.startswith("container")] == []
    unwell.stop()
    volume = f"wfhub-{unwell.settings.key}-db"
    subprocess.run(["docker", "volume", "rm", volume], env={**os.environ, **docker}, check=True, capture_output=True)
    assert left_behind(docker, str(tmp_path)) == []


def test_two_hubs_side_by_side_and_stop_takes_only_its_own(
    hub: ContainerHub, docker: Mapping[str, str], source: Path, tmp_path: Path
) -> None:
    with container_hub(tmp_path, source, docker, skip_https=True) as other:
        settings = replace(other.settings.stack, home=tmp_path / ".wfhub")
        looked = choice.to_look(settings)
        assert looked.kind == "containers"
        assert looked.address == other.settings.stack.main_api_url  # no Caddy, so the front door is main-api's own
        assert {one.state for one in looked.stack.status()} == {"well"}
        with pytest.raises(OtherStackRuns, match="runs as containers now"):
            choice.to_start(settings, "local")
        stopped = choice.stop_all(settings)
    assert len(stopped) == 6
    assert left_behind(docker, str(tmp_path)) == []
    assert {one.state for one in hub.stack.status()} == {"well"}
