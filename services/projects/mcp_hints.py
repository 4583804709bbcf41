"""The MCP servers that a project's own file names. Names alone: how they are started may hold secrets."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.files.regular import read_regular

FILE = ".mcp.json"
MOST_BYTES = 200_000
MOST = 50


@dataclass(frozen=True)
class McpHint:
    name: str
    what: str


def mcp_hints(folder: Path) -> list[McpHint]:
    """Empty without such a file; a file that can't be read says so as the one hint."""
    try:
        found: Any = json.loads(read_regular(folder / FILE, MOST_BYTES))
    except FileNotFoundError:
        return []
    except OSError as error:
        return [McpHint(FILE, f"It is there and can't be read: {error.strerror}.")]
    except (ValueError, RecursionError):
        return [McpHint(FILE, "It is there and can't be read: it is no JSON.")]
    servers = found.get("mcpServers") if isinstance(found, dict) else None
    if not isinstance(servers, dict):
        return [McpHint(FILE, "It is there and names no servers.")]
    return [McpHint(str(name)[:100], _what(server)) for name, server in list(servers.items())[:MOST]]


def _what(server: Any) -> str:
    remote = isinstance(server, dict) and "url" in server
    return f"An MCP server of the project ({FILE}), {'asked over the network' if remote else 'started as a program'}."
