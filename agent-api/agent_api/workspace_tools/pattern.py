"""Globs as ripgrep writes them, matched by us: its own `--glob` would bring ignored files back.

No glob takes long: alternatives are written out, and between slashes `fnmatch` makes expressions that never go back.
"""

import re
from collections.abc import Callable, Sequence
from fnmatch import translate

from agent_api.errors import ToolRefused

_MOST_CHARACTERS = 500
_MOST_ALTERNATIVES = 64
_INNERMOST = re.compile(r"\{([^{}]*)\}")
Segments = tuple["re.Pattern[str] | None", ...]  # None is `**`


def matcher(glob: str) -> Callable[[str], bool]:
    """Whether a relative path matches; a glob without a slash is matched at any depth.

    Knows `*`, `?`, `[abc]`, `[!abc]`, `{a,b}` and `**`. Raises ToolRefused for one that is too long or too rich.
    """
    if len(glob) > _MOST_CHARACTERS:
        raise ToolRefused(f"A glob of {len(glob)} characters is too long.", f"Use at most {_MOST_CHARACTERS}.")
    glob = glob.removeprefix("./").lstrip("/") if "/" in glob else f"**/{glob}"
    if glob in ("**", "**/**", "**/*"):
        return lambda path: True
    alternatives = [_segments(one) for one in _written_out(glob)]
    return lambda path: any(_matches(one, path.split("/")) for one in alternatives)


def _written_out(glob: str) -> list[str]:
    waiting, done = [glob], list[str]()
    while waiting:
        one = waiting.pop()
        braces = _INNERMOST.search(one)
        if braces is None:
            done.append(one)
        else:
            waiting += [one[: braces.start()] + part + one[braces.end() :] for part in braces[1].split(",")]
        if len(waiting) + len(done) > _MOST_ALTERNATIVES:
            raise ToolRefused(
                f"The glob {glob!r} has more than {_MOST_ALTERNATIVES} alternatives.", "Ask in several steps."
            )
    return done


def _segments(glob: str) -> Segments:
    found: list[re.Pattern[str] | None] = []
    for part in glob.split("/"):
        if part != "**":
            found.append(re.compile(translate(part)))
        elif not found or found[-1] is not None:
            found.append(None)
    return tuple(found)


def _matches(segments: Segments, parts: Sequence[str]) -> bool:
    """As matching a string with `*`: only the last `**` is ever gone back to."""
    at, here, star, retry = 0, 0, -1, 0
    while here < len(parts):
        segment = segments[at] if at < len(segments) else False
        if segment is None:
            star, retry = at, here
            at += 1
        elif segment and segment.match(parts[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            retry += 1
            at, here = star + 1, retry
        else:
            return False
    return at == len(segments)  # a last `**` stands for something: `src/**` is not `src`
