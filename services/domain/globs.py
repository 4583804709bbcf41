"""Which paths a pattern of a workflow names: one without a slash means the file's name, in whatever folder."""

import re
from collections.abc import Iterable
from functools import lru_cache


def named_by(path: str, globs: Iterable[str]) -> bool:
    """Whether any pattern names the path, which is relative and has forward slashes.

    `*` and `?` stop at a slash, `**` does not: `*.md`, `docs/**`, `**/models/*.py`.
    """
    name = path.rpartition("/")[2]
    return any(_compiled(glob).fullmatch(path if "/" in glob else name) for glob in globs)


@lru_cache(maxsize=512)
def _compiled(glob: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        else:
            char = glob[at]
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char))
            at += 1
    return re.compile("".join(parts), re.DOTALL)
