"""Globs as ripgrep writes them, matched by us: its own `--glob` would bring ignored files back."""

import re
from collections.abc import Callable

from agent_api.errors import ToolRefused


def matcher(glob: str) -> Callable[[str], bool]:
    """Whether a relative path matches; a glob without a slash is matched at any depth.

    Knows `*`, `?`, `[abc]`, `[!abc]`, `{a,b}` and `**`. Raises ToolRefused for one that cannot be read.
    """
    glob = glob.removeprefix("./").lstrip("/") if "/" in glob else f"**/{glob}"
    try:
        compiled = re.compile(_expression(glob), re.DOTALL)
    except re.error as error:
        raise ToolRefused(f"The glob {glob!r} cannot be read: {error}.") from error
    return lambda path: compiled.fullmatch(path) is not None


_TOKEN = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?\]?[^\]]*\]|[{},]|.", re.DOTALL)
_MEANS = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}


def _expression(glob: str) -> str:
    parts: list[str] = []
    depth = 0
    for token in _TOKEN.findall(glob):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if token == "," and depth > 0:
            parts.append("|")
        elif token.startswith("[") and len(token) > 1:
            inside = token[1:-1].replace("\\", "\\\\")
            parts.append(f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]")
        else:
            parts.append(_MEANS.get(token) or re.escape(token))
    return "".join(parts)
