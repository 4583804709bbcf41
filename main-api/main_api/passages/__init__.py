"""The ways that main-api keeps for agent-api, whose network leads nowhere else: in for its callers, out for setups."""

from main_api.passages.door import AgentDoor
from main_api.passages.setup_proxy import SetupProxy

__all__ = ["AgentDoor", "SetupProxy"]
