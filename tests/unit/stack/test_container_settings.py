"""What containers are told, and by which settings: no engine is needed for it."""

import json
import os
from pathlib import Path

import pytest

from services.stack import container_environments as told
from services.stack.container_files import prepare_folders
from services.stack.container_settings import ContainerSettings
from services.stack.errors import BadSetting
from services.stack.settings import StackSettings

GIVEN = {
    "WFHUB_TOKEN": "t" * 10 + "0123456789abcdef", "WFHUB_SECRET_KEY": "k" * 10 + "0123456789abcdef",
    "OPENAI_API_KEY": "sk-of-the-owner", "DEFAULT_MODEL": "openai/gpt", "BASH_TIMEOUT_SECONDS": "7",
    "PATH": "/home/me/bin", "AIDER_PYTHON": "/home/me/python", "LD_PRELOAD": "/evil.so", "SOMETHING_ELSE": "1",
    "UV_DEFAULT_INDEX": "https://me:pw@mirror.example:8443/simple", "PIP_INDEX_URL": "file:///home/me/wheels",
}  # fmt: skip


def load(root: Path, *, skip_https: bool = False, **given: str) -> ContainerSettings:
    own = {"HUB_UID": str(os.getuid() or 10001)}
    values = own | GIVEN | given
    settings = ContainerSettings.load(StackSettings.load(root, values), skip_https=skip_https)
    prepare_folders(settings)
    return settings


def test_the_agent_is_told_no_secret_of_the_owner(tmp_path: Path) -> None:
    agent = told.agent_api(load(tmp_path), "landlock")
    everything = str(agent.environment) + str(agent.secrets)
    for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "OPENAI_API_KEY"):
        assert GIVEN[name] not in everything
    assert "postgresql" not in everything
    assert agent.environment["BASH_TIMEOUT_SECONDS"] == "7"
    assert agent.secrets["UV_DEFAULT_INDEX"] == GIVEN["UV_DEFAULT_INDEX"]  # it may hold a password


def test_what_is_secret_is_in_files_and_what_means_this_machine_is_left_out(tmp_path: Path) -> None:
    main = told.main_api(load(tmp_path), scripted=False)
    assert main.environment["DEFAULT_MODEL"] == "openai/gpt"
    assert main.secrets["OPENAI_API_KEY"] == "sk-of-the-owner"
    assert not {"PATH", "AIDER_PYTHON", "LD_PRELOAD", "SOMETHING_ELSE", "PIP_INDEX_URL"} & main.environment.keys()
    assert main.environment["SETUP_PROXY_ALLOWED"] == "mirror.example:8443"
    assert not {name for name in main.secrets if main.secrets[name] in str(main.environment)}
    assert "OPENAI_API_KEY" not in told.orchestrator(load(tmp_path)).secrets


def test_a_companys_proxy_is_told_to_main_api_alone_and_hidden(tmp_path: Path) -> None:
    settings = load(tmp_path, HTTPS_PROXY="http://me:pw@proxy.example:3128", no_proxy="localhost")
    main = told.main_api(settings, scripted=False)
    assert main.secrets["HTTPS_PROXY"] == "http://me:pw@proxy.example:3128" and main.secrets["no_proxy"] == "localhost"
    assert "proxy.example" not in str(main.environment)
    for other in (told.orchestrator(settings), told.agent_api(settings, "landlock"), told.ollama(settings)):
        assert "proxy.example" not in str(other)


def test_the_address_follows_the_port_and_caddy(tmp_path: Path) -> None:
    assert load(tmp_path).address == "https://wfhub.localhost"
    assert load(tmp_path, HTTPS_PORT="8443").address == "https://wfhub.localhost:8443"
    assert load(tmp_path, skip_https=True).address == "http://127.0.0.1:8002"


def test_two_folders_are_two_hubs_with_secrets_of_their_own(tmp_path: Path) -> None:
    one, other = load(tmp_path / "a"), load(tmp_path / "b")
    assert one.key != other.key
    assert told.database_url(one) == told.database_url(load(tmp_path / "a")) != told.database_url(other)


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PORT", "x"), ("DB_PORT", "70000"), ("HUB_UID", "0"), ("EXTRA_CA_FILE", "nowhere.pem")]
)
def test_a_bad_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        load(tmp_path, skip_https=False, **{name: value})


def test_ollama_is_told_what_fits_on_the_card(tmp_path: Path) -> None:
    def environment(**values: str) -> dict[str, str]:
        return told.ollama(ContainerSettings.load(StackSettings.load(tmp_path, values))).environment

    usual = environment()
    assert (usual["OLLAMA_CONTEXT_LENGTH"], usual["OLLAMA_KV_CACHE_TYPE"]) == ("8192", "q8_0")
    wished = json.dumps({"ollama/llama3.2:3b": {"context_tokens": 32_768}})
    small = environment(DEFAULT_MODEL="ollama/llama3.2:3b", MODEL_PROFILES=wished, OLLAMA_KV_CACHE_TYPE="f16")
    large = environment(DEFAULT_MODEL="ollama/llama3.2:3b", MODEL_PROFILES=wished, GPU_MEMORY_BYTES=str(8 * 2**30))
    assert int(small["OLLAMA_CONTEXT_LENGTH"]) < 16_384 and large["OLLAMA_CONTEXT_LENGTH"] == "32768"
    for wrong in ({"GPU_MEMORY_BYTES": "4"}, {"GPU_MEMORY_BYTES": "4GB"}, {"OLLAMA_KV_CACHE_TYPE": "q3"}):
        with pytest.raises(BadSetting, match=next(iter(wrong))):
            environment(**wrong)
