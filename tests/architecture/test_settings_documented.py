"""Every setting that a process reads stands in .env.example, and nothing that none reads."""

import re
from pathlib import Path

from agent_api.settings import AgentSettings
from main_api.settings import MainSettings
from services.stack.container_environments import INDEXES
from services.workflows.settings import OrchestratorSettings

ROOT = Path(__file__).parents[2]
GIVEN_BY_THE_STACK = {  # nobody writes them by hand: the token's hash, and what containers tell main-api of each other
    "WFHUB_TOKEN_SHA256", "AGENT_DOOR", "SETUP_PROXY_PORT", "SETUP_PROXY_SECRET", "SETUP_PROXY_ALLOWED",
    "STACK_API_URL", "STACK_API_TOKEN", "WORKER_NAME",
}  # fmt: skip
READ_BY_ENGINE_AND_INSTALLERS = {"DOCKER_HOST", *INDEXES}
READ_BY_START = {"WFHUB_PYTHON"}


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    documented = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    read = {name.upper() for name in AgentSettings.model_fields}
    for settings in (MainSettings, OrchestratorSettings):
        read |= {field.alias for field in settings.model_fields.values() if field.alias}
    for module in ("settings.py", "container_settings.py"):
        stack = (ROOT / "services/stack" / module).read_text(encoding="utf-8")
        read |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', stack)) - {"WFHUB_ROOT"}
    assert documented == (read | READ_BY_START | READ_BY_ENGINE_AND_INSTALLERS) - GIVEN_BY_THE_STACK
