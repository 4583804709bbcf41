"""Every setting that a process reads stands in .env.example with its default, and nothing that none reads."""

import hashlib
import os
import re
import secrets
from pathlib import Path

import pytest

from agent_api.settings import AgentSettings
from main_api.settings import MainSettings
from services.stack.container_environments import INDEXES
from services.stack.container_settings import ContainerSettings
from services.stack.settings import StackSettings
from services.workflows.settings import OrchestratorSettings

ROOT = Path(__file__).parents[2]
GIVEN_BY_THE_STACK = {  # nobody writes them by hand: the token's hash, and what containers tell main-api of each other
    "WFHUB_TOKEN_SHA256", "AGENT_DOOR", "SETUP_PROXY_PORT", "SETUP_PROXY_SECRET", "SETUP_PROXY_ALLOWED",
    "STACK_API_URL", "STACK_API_TOKEN", "WORKER_NAME",
}  # fmt: skip
READ_BY_ENGINE_AND_INSTALLERS = {"DOCKER_HOST", *INDEXES}
READ_BY_START = {"WFHUB_PYTHON"}
NEEDED = {"WFHUB_TOKEN": secrets.token_urlsafe(32), "WFHUB_SECRET_KEY": secrets.token_urlsafe(32)}
PUT_IN_BY_THE_STACK = {"home", "database_url", "scripted_model_url"}  # a process by itself has none, or a relative one


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    documented = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    read = {name.upper() for name in AgentSettings.model_fields}
    for settings in (MainSettings, OrchestratorSettings):
        read |= {field.alias for field in settings.model_fields.values() if field.alias}
    for module in ("settings.py", "container_settings.py"):
        stack = (ROOT / "services/stack" / module).read_text(encoding="utf-8")
        read |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', stack)) - {"WFHUB_ROOT"}
    assert documented == (read | READ_BY_START | READ_BY_ENGINE_AND_INSTALLERS) - GIVEN_BY_THE_STACK


def shown() -> dict[str, str]:
    """Name to default, of those that are documented with one; what is told behind it in brackets left out."""
    lines = re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    plain = {name: re.sub(r"(^|\s+)\(.*", "", value).strip() for name, value in lines}
    return {name: value for name, value in plain.items() if value}


def test_each_process_takes_the_documented_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in shown().keys() & {name.upper() for name in os.environ}:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)  # STATIC_DIR is shown as it is in a checkout
    agent = {name.lower(): value for name, value in shown().items()}
    token = {"wfhub_token_sha256": hashlib.sha256(NEEDED["WFHUB_TOKEN"].encode()).hexdigest()}
    stacks = [StackSettings.load(tmp_path, environ) for environ in ({}, shown())]
    both = {
        "main-api": [MainSettings.from_environment(NEEDED | more).model_dump() for more in ({}, shown())],
        "orchestrator": [OrchestratorSettings.model_validate(NEEDED | more).model_dump() for more in ({}, shown())],
        "agent-api": [AgentSettings.model_validate(token | more).model_dump() for more in ({}, agent)],
        "stack": [vars(stack) | {"environment": None, "database_url": None} for stack in stacks],
        "containers": [vars(ContainerSettings.load(stack)) | {"stack": None} for stack in stacks],
    }
    for process, (left_out, set_as_shown) in both.items():
        differ = {name for name, value in left_out.items() if set_as_shown[name] != value} - PUT_IN_BY_THE_STACK
        assert not differ, (process, differ)
