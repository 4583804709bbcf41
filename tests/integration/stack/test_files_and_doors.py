"""What a story leaves on the disk is its owner's alone, and nobody beyond this machine can knock."""

import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.local_hub import LocalHub, local_hub

SCENARIO = Path(__file__).parents[2] / "support" / "scenarios" / "hello.yaml"
SECONDS = 300
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWN = ("hub.sqlite*", "logs/**/*", "jobs/**/*.json", "proofs/**/*", "files/**/*", "attachments/**/*", "backups/**/*")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Its folder was there before, open to everybody."""
    root = tmp_path_factory.mktemp("open") / "hub"
    (root / ".wfhub").mkdir(parents=True)
    (root / ".wfhub").chmod(0o755)
    before = os.umask(0o000)  # a careless owner
    try:
        with local_hub(root, SCENARIO, DEFAULT_MODEL="scripted/hello") as running:
            yield running
    finally:
        os.umask(before)


@pytest.fixture(scope="module")
def story(hub: LocalHub) -> LocalHub:
    """A task to its merge, a stored key, a file."""
    hub.client.post("/credentials", provider="registry", label="deploy", value="not-a-secret-of-anybody")
    project = hub.client.post("/projects", name="poc", workspace_path="poc")
    task = hub.client.post("/tasks", project_id=project["id"], title="Create hello.txt")
    hub.client.post(f"/tasks/{task['id']}/trigger", stage="dev", merge=True)
    until = time.monotonic() + SECONDS
    while (now := hub.client.get(f"/tasks/{task['id']}"))["state"] not in ("done", "waiting"):
        assert time.monotonic() < until, now
        time.sleep(0.2)
    assert now["state"] == "done", now
    return hub


def closed(path: Path) -> bool:
    return not path.lstat().st_mode & OTHERS


def loose_in(folder: Path) -> dict[Path, bytes]:
    """Files that others may read, as far as they stay: a hub that is done tidies its worktrees up."""
    found: dict[Path, bytes] = {}
    for at, _, names in os.walk(folder):
        for path in (Path(at) / name for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and not closed(path):
                    found[path] = path.read_bytes()
    return found


@pytest.mark.aider
def test_nobody_else_can_read_what_a_story_left(story: LocalHub) -> None:
    home = story.settings.home
    assert closed(home) and closed(story.settings.root / ".env"), "the way to all of it is closed"
    own = {path for pattern in OWN for path in home.glob(pattern) if path.is_file() and not path.is_symlink()}
    assert len(own) >= 8, own
    assert [str(path.relative_to(home)) for path in sorted(own) if not closed(path)] == []


@pytest.mark.aider
def test_what_others_may_read_holds_no_secret(story: LocalHub) -> None:
    """Beneath the closed folder some files have open modes: the closed folder is not all that keeps a secret."""
    secrets = [story.settings.environment[name].encode() for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY")]
    loose = loose_in(story.settings.home)
    told = [path for path, content in loose.items() if any(secret in content for secret in secrets)]
    assert loose and told == []
    assert any(secret in (story.settings.root / ".env").read_bytes() for secret in secrets), "what is looked for exists"


def test_every_door_is_on_loopback(hub: LocalHub) -> None:
    ports = (hub.settings.main_api_port, hub.settings.agent_api_port, hub.settings.scripted_model_port)
    listening = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            place, state = line.split()[1], line.split()[3]
            address, port = place.split(":")
            if state == "0A" and int(port, 16) in ports:
                listening.setdefault(int(port, 16), set()).add(address)
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    assert listening == {port: {loopback} for port in ports}
