"""The manager on a real engine: what was changed behind its back is mended, what is there taken over, nothing stays."""

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from services.demo.sample_project import SCENARIO
from services.stack import compose, images
from services.stack.cleanup import Wanted, cleanup
from services.stack.containers import ContainerStack
from services.stack.engine import connect
from services.stack.errors import NoRoom, NoSuchService
from tests.support.container_hub import ContainerHub, container_settings
from tests.support.engine import left_behind

OURS = ("agent-api", "agent-api-2", "main-api", "orchestrator", "orchestrator-2", "stack", "caddy", "scripted-model")
MEGABYTE = 10**6


def again(hub: ContainerHub, **changes: str) -> tuple[ContainerStack, list[str]]:
    """The same hub as another program would manage it, with what it says."""
    said: list[str] = []
    stack = replace(hub.settings.stack, environment={**hub.settings.stack.environment, **changes})
    return ContainerStack(replace(hub.settings, stack=stack), SCENARIO, said.append), said


def identity(hub: ContainerHub, *services: str) -> list[str]:
    return [hub.docker("inspect", "--format", "{{.Id}}", hub.name(service)).strip() for service in services]


def test_what_was_changed_behind_its_back_is_made_anew_and_said_so(hub: ContainerHub) -> None:
    kept = identity(hub, "db", "main-api", "caddy")
    hub.docker("update", "--memory", "200m", "--memory-swap", "400m", hub.name("scripted-model"))
    hub.docker("network", "disconnect", hub.name("models"), hub.name("scripted-model"))
    hub.docker("network", "connect", hub.name("data"), hub.name("agent-api-2"))  # a way to the database
    stack, said = again(hub)
    assert stack.start() == ["scripted-model", "agent-api-2"]
    told = next(line for line in said if line.startswith("scripted-model is made anew"))
    assert "its memory limit is 209715200, not 268435456" in told and "its networks are none" in told
    assert any(line.startswith("agent-api-2 is made anew: its networks are") for line in said)
    assert identity(hub, "db", "main-api", "caddy") == kept
    assert stack.start() == []


def test_a_changed_setting_reaches_whom_it_is_for_and_its_value_is_not_said(hub: ContainerHub) -> None:
    stack, said = again(hub, SETUP_KEEP_DAYS="1234", WFHUB_OFFLINE="")
    assert stack.restart(["agent-api"]) == ["agent-api", "agent-api-2"]
    assert hub.run_in("agent-api-2", "printenv", "SETUP_KEEP_DAYS").stdout == "1234\n"
    assert "restarting agent-api: its settings differ: SETUP_KEEP_DAYS" in said
    assert not any("1234" in line for line in said)
    assert hub.stack.restart(["agent-api"]) == ["agent-api", "agent-api-2"]
    assert hub.run_in("agent-api-2", "printenv", "SETUP_KEEP_DAYS").returncode == 1


def test_one_is_restarted_and_stays_the_same_container(hub: ContainerHub) -> None:
    before, pid = identity(hub, "caddy"), hub.pid("caddy")
    assert hub.stack.restart(["caddy"]) == ["caddy"]
    assert identity(hub, "caddy") == before
    assert hub.pid("caddy") != pid
    with pytest.raises(NoSuchService, match="no service named nobody"):
        hub.stack.restart(["nobody"])


def test_a_crashed_container_comes_back_by_itself(hub: ContainerHub) -> None:
    pid = hub.pid("orchestrator-2")
    hub.kill("orchestrator-2")
    done = threading.Event()
    for _ in range(1200):
        if hub.pid("orchestrator-2") not in (0, pid):
            break
        done.wait(0.1)
    assert hub.pid("orchestrator-2") not in (0, pid)
    assert hub.stack.start() in ([], ["orchestrator-2"])


def test_what_services_say(hub: ContainerHub) -> None:
    lines = list(hub.stack.logs(["db", "caddy"], 50, go_on=False))
    assert {name for name, _ in lines} == {"db", "caddy"}
    assert any("ready to accept connections" in line for name, line in lines if name == "db")
    assert len(list(hub.stack.logs(["db"], 1, go_on=False))) == 1
    with pytest.raises(NoSuchService, match="no service named nobody"):
        hub.stack.logs(["nobody"], 1, go_on=False)


@pytest.mark.timeout(120, func_only=True)  # the images may have to be built first
def test_what_services_say_is_followed(hub: ContainerHub) -> None:
    followed = hub.stack.logs(["db", "main-api"], 0, go_on=True)
    password = (hub.settings.private / "db-password").read_text()
    asked = ("psql", f"postgresql://wfhub:{password}@127.0.0.1/wfhub", "--command", "SELECT * FROM not_to_be_found")
    seen = threading.Event()

    def ask() -> None:
        """Again and again: what is said before its log is followed is not shown."""
        while not seen.wait(1):
            hub.run_in("db", *asked)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert any("not_to_be_found" in line for _, line in followed)
    finally:
        seen.set()
        asking.join()


@pytest.mark.parametrize("service", OURS)
def test_the_root_file_system_is_read_only_and_nobody_is_root(hub: ContainerHub, service: str) -> None:
    assert hub.run_in(service, "id", "-u").stdout.strip() == str(hub.settings.uid)
    for folder in ("/", "/app", "/usr/local/bin", "/etc"):
        tried = hub.run_in(service, "sh", "-c", f"touch {folder}/x 2>&1; exit 0").stdout
        assert "Read-only file system" in tried or "No such file" in tried, folder
    assert hub.run_in(service, "sh", "-c", "touch /tmp/x && rm /tmp/x").returncode == 0
    mounts = hub.run_in(service, "grep", " / ", "/proc/mounts").stdout
    assert " ro," in mounts


def test_the_walls_of_a_container_are_those_of_the_engine(hub: ContainerHub) -> None:
    """The same write, with the wall taken away."""
    image = hub.docker("inspect", "--format", "{{.Config.Image}}", hub.name("main-api")).strip()
    options = ["--rm", "--user", "0", "--entrypoint", "touch"]
    assert hub.docker("run", *options, image, "/app/x", check=False) == ""
    assert "Read-only file system" in hub.docker("run", "--read-only", *options, image, "/app/x", check=False)


def test_images_are_small_labelled_and_hold_no_secret(
    hub: ContainerHub, docker: Mapping[str, str], tmp_path: Path
) -> None:
    names = images.own_names(hub.settings)
    sizes = images.sizes(connect(docker), hub.settings, names)
    for name, (size, over) in sizes.items():
        print(f"{name:<14} {size / MEGABYTE:7.0f} MB, {over / MEGABYTE:5.0f} MB over its base")
    assert sizes["main-api"][1] <= 350 * MEGABYTE
    secrets = tmp_path / "secrets"
    own = [hub.token, hub.settings.stack.environment["WFHUB_SECRET_KEY"]]
    own += [(hub.settings.private / name).read_text() for name in ("db-password", "setup-proxy", "stack-api")]
    secrets.write_text("\n".join(own))
    for name, image in names.items():
        told = hub.docker("inspect", "--format", "{{json .Config}}", image)
        assert f'"dev.workflow-hub.image":"{name}"' in told
        assert '"User":"10001:10001"' in told
        assert [secret for secret in own if secret in told + hub.docker("history", "--no-trunc", image)] == []
        found = hub.docker(
            "run", "--rm", "--user", "0", "--network", "none", "--volume", f"{secrets}:/canary:ro",
            "--entrypoint", "sh", image, "-c",
            "grep -rlF -f /canary /app /etc /opt/*/bin /root /home /srv /tmp /var /run 2>/dev/null; "
            "find / -xdev \\( -name '.env*' -o -name .git -o -name '.wfhub' \\) -not -path '*/uv/sdists-*' | head",
            check=False,
        )  # fmt: skip
        assert found == "", name


def test_a_secret_of_the_checkout_does_not_get_into_an_image(source: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(source, tmp_path / "copy")
    for name in (".env", "services/.env", "static/.env.local", "docker/compose.yaml", ".git/config"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("WFHUB_TOKEN=of-the-owner")
    sent = dict(images.context_files(copy, None))
    assert [name for name, content in sent.items() if b"of-the-owner" in content] == []
    assert "services/__init__.py" in sent


def test_too_little_room_is_said_before_anything_is_built(
    docker: Mapping[str, str], source: Path, tmp_path: Path
) -> None:
    settings = container_settings(tmp_path / "hub", source, {**docker, "IMAGES_FREE_BYTES": str(10**18)})
    other = replace(settings, images={**settings.images, "NODE_IMAGE": "nobody/node:0"})
    with pytest.raises(NoRoom, match="building and pulling images needs 1000000000"):
        ContainerStack(other, SCENARIO).start()


def test_what_compose_started_is_taken_over_and_cleanup_leaves_nothing(
    hub: ContainerHub, docker: Mapping[str, str], source: Path, tmp_path: Path
) -> None:
    """By docker/compose.yaml, on an engine whose images are there."""
    given = {**docker, "OLLAMA_URL": "http://10.255.255.1:11434"}
    settings = container_settings(tmp_path / "a hub", source, given, skip_https=True)
    said: list[str] = []
    stack = ContainerStack(settings, say=said.append)
    file, place = stack.for_compose()
    program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    up = subprocess.run(
        [*program, *compose.command(settings, place, file)], env={**os.environ, **docker}, cwd=tmp_path,
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert up.returncode == 0, up.stderr
    try:
        containers = {"db", "agent-api", "main-api", "orchestrator", "stack"}
        assert stack.services() == containers | {"migrations"}
        running = connect(docker).containers.get(f"wfhub-{settings.key}-main-api")
        for _ in range(900):
            if all(one.state == "well" for one in stack.status()):
                break
            threading.Event().wait(0.2)
        assert stack.start() == [], said
        assert stack.services() == containers
        assert connect(docker).containers.get(running.id).status == "running"
    finally:
        gone = cleanup(stack, Wanted(data=True))
    assert {f"container {name}" for name in containers} <= set(gone)
    assert f"volume wfhub-{settings.key}-db" in gone
    assert not settings.home.exists()
    assert left_behind(docker, str(tmp_path)) == []
    assert {one.state for one in hub.stack.status()} == {"well"}
