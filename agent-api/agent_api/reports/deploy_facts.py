"""What a deploy command tells of what it deployed: a small JSON object in the file that `$WFHUB_DEPLOY_JSON` names."""

import json
import re
from pathlib import Path
from typing import Any, cast

from agent_api.confine import Workspace
from agent_api.errors import OutsideWorkspace, ToolRefused
from agent_api.reports.bad_report import BadReport

FILE = "deploy.json"
_LARGEST_BYTES = 65_536
_MOST, _LONGEST = 30, 2_000
_TAKEN = frozenset({"json", "commit", "id"})  # what stages behind the deploy are told anyway
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read(folder: Path) -> tuple[dict[str, str], bytes | None]:
    """What it tells, by name, and the file as it was; nothing and None where there is none. Raises BadReport."""
    with Workspace(folder) as inside:
        try:
            content, size = inside.read_bytes(FILE, _LARGEST_BYTES)
        except ToolRefused:
            return {}, None
        except OutsideWorkspace as error:
            raise BadReport("it leads elsewhere") from error
    if size > _LARGEST_BYTES:
        raise BadReport(f"it is larger than {_LARGEST_BYTES} bytes")
    try:
        told: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadReport("it is no JSON") from error
    if not isinstance(told, dict):
        raise BadReport("it is no JSON object")
    facts = cast("dict[str, object]", told)
    if len(facts) > _MOST:
        raise BadReport(f"it has more than {_MOST} names")
    return {name: _text(name, value) for name, value in facts.items()}, content


def _text(name: str, value: object) -> str:
    if name in _TAKEN:
        raise BadReport(f"`{name}` is a name of the hub's own")
    if not _NAME.fullmatch(name):
        raise BadReport(f"`{name[:60]}` is no name: small letters, digits and _, 40 at most")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadReport(f"`{name}` is neither a text nor a number")
    if len(str(value)) > _LONGEST:
        raise BadReport(f"`{name}` is longer than {_LONGEST} characters")
    return str(value)
