"""Secrets: made once, readable by the owner only, never overwritten, never a placeholder."""

import stat
from pathlib import Path

import pytest

from services.stack.environments import (
    agent_api_environment,
    main_api_environment,
    orchestrator_environment,
    scripted_model_environment,
)
from services.stack.errors import BadSetting, SecretRefused
from services.stack.secrets import check_secrets, ensure_env_file, read_env_file
from services.stack.settings import StackSettings


def test_a_fresh_file_is_the_owners_only_and_random(tmp_path: Path) -> None:
    first, second = tmp_path / "a.env", tmp_path / "b.env"
    assert ensure_env_file(first, {})
    assert ensure_env_file(second, {})
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    ours, others = read_env_file(first), read_env_file(second)
    check_secrets(ours)
    assert ours["MAIN_API_PORT"] == "8002"
    assert ours["WFHUB_TOKEN"] != others["WFHUB_TOKEN"]
    assert ours["WFHUB_SECRET_KEY"] != others["WFHUB_SECRET_KEY"]


def test_what_a_person_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("MAIN_API_PORT=9000\nWFHUB_TOKEN=mine")
    path.chmod(0o644)
    said: list[str] = []
    assert ensure_env_file(path, {}, said.append)
    assert len(said) == 1 and str(path) in said[0] and "now only you can" in said[0]
    assert path.read_text().startswith("MAIN_API_PORT=9000\nWFHUB_TOKEN=mine\nWFHUB_SECRET_KEY=")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    assert not ensure_env_file(path, {}, said.append)
    assert path.read_text() == before and len(said) == 1


def test_a_secret_that_is_exported_is_not_made(tmp_path: Path) -> None:
    ensure_env_file(tmp_path / ".env", {"WFHUB_TOKEN": "exported"})
    assert "WFHUB_TOKEN" not in read_env_file(tmp_path / ".env")


@pytest.mark.parametrize("token", ["", "short", "change-me-change-me-change-me-change-me", "a" * 40])
def test_placeholders_are_refused(tmp_path: Path, token: str) -> None:
    ensure_env_file(tmp_path / ".env", {})
    good = read_env_file(tmp_path / ".env")
    check_secrets(good)
    with pytest.raises(SecretRefused, match="WFHUB_TOKEN"):
        check_secrets(good | {"WFHUB_TOKEN": token})


def test_a_key_that_is_no_key_is_refused(tmp_path: Path) -> None:
    ensure_env_file(tmp_path / ".env", {})
    with pytest.raises(SecretRefused, match="WFHUB_SECRET_KEY"):
        check_secrets(read_env_file(tmp_path / ".env") | {"WFHUB_SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789"})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAIN_API_PORT=9000\nAGENT_API_PORT=9001\nWFHUB_HOME=hub\n")
    settings = StackSettings.load(tmp_path, {"MAIN_API_PORT": "9100"})
    assert (settings.main_api_port, settings.agent_api_port) == (9100, 9001)
    assert settings.home == tmp_path / "hub"


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="MAIN_API_PORT is '80020'"):
        StackSettings.load(tmp_path, {"MAIN_API_PORT": "80020"})


def test_each_process_is_told_only_what_it_needs(tmp_path: Path) -> None:
    environ = {
        "PATH": "/bin",
        "WFHUB_TOKEN": "the-owners-token",
        "WFHUB_SECRET_KEY": "the-owners-key",
        "OPENAI_API_KEY": "sk-1",
        "AGENT_CAPACITY": "2",
        "AGENT_PROVIDER_API_KEY": "sk-2",
        "LD_PRELOAD": "evil.so",
        "GIT_DIR": "elsewhere",
        "UNRELATED": "1",
    }
    settings = StackSettings.load(tmp_path, environ)
    agent, scripted = agent_api_environment(settings), scripted_model_environment(settings)
    for environment in (agent, scripted):
        told = " ".join(environment.values())
        assert not any(secret in told for secret in ("the-owners-token", "the-owners-key", "sk-1", "sk-2", "sqlite"))
        assert "UNRELATED" not in environment
    assert agent["AGENT_CAPACITY"] == "2"
    assert len(agent["WFHUB_TOKEN_SHA256"]) == 64
    main, orchestrator = main_api_environment(settings), orchestrator_environment(settings)
    assert main["OPENAI_API_KEY"] == "sk-1"
    assert "OPENAI_API_KEY" not in orchestrator
    assert orchestrator["WFHUB_TOKEN"] == "the-owners-token"
    for environment in (agent, scripted, main, orchestrator):
        assert not {"LD_PRELOAD", "GIT_DIR"} & set(environment)
