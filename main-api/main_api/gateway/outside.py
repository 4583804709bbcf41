"""Refuses tools that a provider would run itself: they reach the network from outside of the run's cage, at a price."""

import re
from typing import Any

from services.models.errors import ModelRefused
from services.models.providers import Protocol

# Of Anthropic's typed tools these are run by the client; each of the others by Anthropic.
_AT_THE_CLIENT = re.compile(r"custom|(bash|text_editor|computer|memory)_\d{8}")
_FIELDS = {"anthropic": ("mcp_servers", "container"), "openai": ("web_search_options",), "ollama": ()}


def refuse_outside_tools(protocol: Protocol, body: dict[str, Any]) -> None:
    """Raises ModelRefused with the name of what is asked for."""
    asked = [name for name in _FIELDS[protocol] if body.get(name)]
    tools = body.get("tools")
    if protocol == "anthropic" and isinstance(tools, list):
        kinds = [str(tool.get("type") or "custom") for tool in tools if isinstance(tool, dict)]
        asked += [kind for kind in kinds if not _AT_THE_CLIENT.fullmatch(kind)]
    if asked:
        raise ModelRefused(
            f"{asked[0]} would run at the provider's, outside of the run's cage.",
            "Leave it out; the hub's own tools are run here.",
        )
