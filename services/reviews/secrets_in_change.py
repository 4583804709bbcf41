"""What in a change looks like a secret: by the shapes of well-known keys, and by the names of files."""

import re
from collections.abc import Iterable

from services.domain.secret_files import is_secret
from services.redaction.shapes import found_in

MAX_FOUND = 50
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)")


def secrets_in(patch: str, readable: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Places (`path:line`, of the new text) in the added lines of a git patch, and what stands there looks like.

    `readable` are the project's globs of secrets it shows on purpose, such as keys of its tests.
    """
    readable = tuple(readable)
    found: list[tuple[str, str]] = []
    path, line, shown = "", 0, False
    in_head = True
    for text in patch.split("\n"):
        if text.startswith("diff --git "):
            in_head = True
        elif in_head and text.startswith("+++ "):
            path = text[4:].strip().strip('"').removeprefix("b/")
            shown = is_secret(path) and not is_secret(path, readable)
        elif hunk := _HUNK.match(text):
            in_head, line = False, int(hunk.group(1))
        elif in_head:
            continue
        elif text.startswith("+"):
            spans = [] if shown else found_in(text[1:])
            found += [(f"{path}:{line}", shape.name) for _, _, _, shape in spans]
            line += 1
        elif not text.startswith(("-", "\\")):
            line += 1
        if len(found) >= MAX_FOUND:
            break
    return tuple(found)


def secret_files(paths: Iterable[str], readable: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Those whose names say that they hold secrets."""
    readable = tuple(readable)
    return tuple((path, "by its name") for path in paths if is_secret(path, readable))
