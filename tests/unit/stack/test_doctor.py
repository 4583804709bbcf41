"""The doctor's judgements on machines we do not have."""

import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from agent_api.cage.host import choose
from agent_api.cage.policy import CageHost
from agent_api.errors import CageUnavailable
from services.cli.model_check import check_model
from services.stack import choice
from services.stack.checks.containers import check_engine, check_trust, check_version
from services.stack.checks.hub import check_database, check_folders, check_page, check_settings
from services.stack.checks.machine import (
    LANDLOCK_NEEDED,
    check_cage,
    check_card,
    check_git,
    check_memory,
    check_ports,
    check_python,
)
from services.stack.container_settings import ContainerSettings
from services.stack.doctor import examine
from services.stack.secrets import ensure_env_file
from services.stack.settings import StackSettings
from services.store.migrate import known_revisions, upgrade
from tests.support.ollama_server import OllamaServer, serving

SQLITE = "sqlite:///x"


@pytest.mark.parametrize(
    ("python", "sqlite", "url", "verdict"),
    [
        ((3, 11, 7), (3, 40, 1), SQLITE, "ok"),
        ((3, 12, 1), (3, 40, 1), SQLITE, "bad"),
        ((3, 12, 1), (3, 42, 0), SQLITE, "ok"),
        ((3, 12, 1), (3, 40, 1), "postgresql://h/x", "ok"),
        ((3, 13, 0), (3, 46, 0), SQLITE, "bad"),
        ((3, 10, 9), (3, 46, 0), SQLITE, "bad"),
    ],
)
def test_python_and_its_sqlite(python: tuple[int, ...], sqlite: tuple[int, ...], url: str, verdict: str) -> None:
    check = check_python(python, sqlite, url)
    assert check.verdict == verdict
    assert bool(check.way_out) == (verdict == "bad")


@pytest.mark.parametrize(
    ("shown", "verdict"), [("git version 2.39.5", "ok"), ("git version 2.37.1 (Apple)", "bad"), ("", "bad")]
)
def test_git(shown: str, verdict: str) -> None:
    assert check_git(shown).verdict == verdict


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [("20.10.24+dfsg1", "warn"), ("23.0.10", "warn"), ("23.0.11", "ok"), ("24.0.9", "warn"), ("25.0.4", "warn"),
     ("25.0.5", "ok"), ("28.2.2", "ok"), ("dev", "ok")],
)  # fmt: skip
def test_an_engine_that_lets_names_out_of_an_internal_network(shown: str, verdict: str) -> None:
    check = check_version(shown, "amd64", needed=True)
    assert check.verdict == verdict
    assert bool(check.way_out) == (verdict == "warn")
    assert check_version(shown, "amd64", needed=False).verdict == "ok"  # local processes have no use for it


NO_DOCKER = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}


def load(root: Path, **given: str) -> StackSettings:
    return StackSettings.load(root, NO_DOCKER | given)


def test_everything_a_start_needs_is_looked_at_and_every_complaint_has_a_way_out(tmp_path: Path) -> None:
    settings = load(tmp_path, MAIN_API_PORT="1")
    checks = examine(settings, choice.to_start(settings))
    names = {check.name for check in checks}
    machine = {"python", "git", "disk", "memory", "card", "cage", "port 1", "port 8001", "docker"}
    assert names == machine | {"settings", "data", "workspaces", "database", "page", "aider"}
    assert all(check.way_out for check in checks if check.verdict != "ok")
    assert all(not check.way_out for check in checks if check.verdict == "ok")
    assert {check.name: check.verdict for check in checks}["aider"] == "bad"
    assert not any(tmp_path.iterdir()), "a doctor writes nothing"


@pytest.mark.parametrize(
    ("bubblewrap", "landlock", "verdict", "said"),
    [
        (True, 0, "ok", "bubblewrap works"),
        (False, LANDLOCK_NEEDED, "ok", "Landlock ABI 4"),
        (False, LANDLOCK_NEEDED - 1, "warn", "(ABI 3) is too old"),
        (False, 0, "warn", "no Landlock"),
    ],
)
def test_cage(bubblewrap: bool, landlock: int, verdict: str, said: str) -> None:
    check = check_cage(bubblewrap, landlock)
    assert check.verdict == verdict and said in check.sentence
    assert ("apparmor_restrict_unprivileged_userns" in check.way_out) == (verdict == "warn")


@pytest.mark.parametrize("landlock", [LANDLOCK_NEEDED - 1, LANDLOCK_NEEDED])
def test_the_agent_takes_the_cage_that_the_doctor_calls_well(landlock: int) -> None:
    host = CageHost(bwrap=None, landlock_abi=landlock, namespaces=True)
    if check_cage(False, landlock).verdict == "ok":
        assert choose("auto", host, allow_none=False) == "landlock"
    else:
        with pytest.raises(CageUnavailable):
            choose("auto", host, allow_none=False)


@pytest.mark.parametrize(
    ("meminfo", "verdict"),
    [("MemTotal:       16384256 kB\n", "ok"), ("MemTotal:        2048256 kB\n", "warn"), ("", "ok")],
)
def test_memory(meminfo: str, verdict: str) -> None:
    assert check_memory(meminfo).verdict == verdict


def test_the_card_is_compared_with_the_setting() -> None:
    assert check_card("4096", 4 * 2**30).verdict == "ok"
    assert check_card("", 4 * 2**30).verdict == "ok"
    larger = check_card("4096\n12288", 4 * 2**30)
    assert (larger.verdict, larger.way_out) == ("warn", f"Set GPU_MEMORY_BYTES={12 * 2**30} in .env.")


def test_ports_of_our_own_are_in_order() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ours, stranger = (check_ports([("main-api", "MAIN_API_PORT", port)], names)[0] for names in ({"main-api"}, ()))
    assert (ours.verdict, stranger.verdict) == ("ok", "bad")
    assert "MAIN_API_PORT" in stranger.way_out


def test_settings(tmp_path: Path) -> None:
    assert check_settings(load(tmp_path)).verdict == "ok"
    ensure_env_file(tmp_path / ".env", {})
    assert check_settings(load(tmp_path)).verdict == "ok"
    (tmp_path / ".env").chmod(0o644)
    assert check_settings(load(tmp_path)).verdict == "warn"
    assert check_settings(load(tmp_path, WFHUB_TOKEN="changeme")).verdict == "bad"


def test_a_file_in_a_folders_place(tmp_path: Path) -> None:
    (tmp_path / ".wfhub").touch()
    home, workspaces = check_folders(load(tmp_path))
    assert (home.verdict, workspaces.verdict) == ("bad", "ok")
    assert "WFHUB_HOME" in home.way_out


def test_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    assert check_database(url).sentence == "made by the first start"
    assert not (tmp_path / "hub.sqlite").exists()
    upgrade(url, sorted(known_revisions())[-2])
    assert "the next start brings it to" in check_database(url).sentence
    upgrade(url)
    assert "up to date" in check_database(url).sentence
    with closing(sqlite3.connect(tmp_path / "hub.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = check_database(url)
    assert newer.verdict == "bad" and "./start.sh update" in newer.way_out
    assert check_database("postgresql://nobody@127.0.0.1:1/none").verdict == "bad"


def test_the_page(tmp_path: Path) -> None:
    assert check_page(tmp_path).verdict == "warn"
    (tmp_path / "static/dist").mkdir(parents=True)
    (tmp_path / "static/dist/chat.html").touch()
    assert check_page(tmp_path).verdict == "ok"


def test_an_engine_is_needed_by_containers_only() -> None:
    assert check_engine(NO_DOCKER, needed=False).verdict == "ok"
    missing = check_engine(NO_DOCKER, needed=True)
    assert missing.verdict == "bad" and missing.way_out


def test_the_trust_in_caddys_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ContainerSettings.load(load(tmp_path))
    assert check_trust(settings).verdict == "ok"  # there is none yet
    certificate = authority(settings.ca_certificate)
    untrusted = check_trust(settings)
    assert untrusted.verdict == "warn" and "./start.sh trust" in untrusted.way_out
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert check_trust(settings).verdict == "ok"


def authority(file: Path) -> Path:
    """A certificate authority of its own, as Caddy makes one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own")])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=30))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file.parent.mkdir(parents=True)
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return file


def test_the_model(tmp_path: Path) -> None:
    name = "qwen2.5-coder:1.5b"
    away = check_model(load(tmp_path, OLLAMA_URL="http://127.0.0.1:1"), own_ollama=False)
    assert away.verdict == "warn" and "Nobody answers" in away.sentence
    assert check_model(load(tmp_path), own_ollama=True).verdict == "ok"
    with serving(OllamaServer("other:latest", {}, 1000)) as server:
        lacking = check_model(load(tmp_path, OLLAMA_URL=server.url), own_ollama=False)
        assert lacking.verdict == "warn" and f"ollama pull {name}" in lacking.way_out
        offline = check_model(load(tmp_path, OLLAMA_URL=server.url, WFHUB_OFFLINE="1"), own_ollama=False)
        assert "ollama/other:latest" in offline.way_out
        server.models[name] = 1000
        assert check_model(load(tmp_path, OLLAMA_URL=server.url), own_ollama=False).verdict == "ok"
        chosen = load(tmp_path, OLLAMA_URL=server.url, DEFAULT_MODEL="ollama/other")
        assert check_model(chosen, own_ollama=False).verdict == "ok"
    elsewhere = {"DEFAULT_MODEL": "anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY": "a key"}
    assert check_model(load(tmp_path, **elsewhere), own_ollama=False).verdict == "ok"
    assert check_model(load(tmp_path, **elsewhere, WFHUB_OFFLINE="1"), own_ollama=False).verdict == "warn"
    assert check_model(load(tmp_path, DEFAULT_MODEL="nonsense"), own_ollama=False).verdict == "warn"
