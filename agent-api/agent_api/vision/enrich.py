"""Adds to a text what the pictures that it names show."""

import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from agent_api.errors import ImageRefused, OutsideWorkspace, ToolRefused
from agent_api.vision.describe import Description

SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff")
_ENDING = rf"\.(?:{'|'.join(SUFFIXES)})"
_NAMED = re.compile(
    rf"!\[[^\]\n]*\]\(\s*<?([^)\n>]+?{_ENDING})>?(?:\s+[\"'][^\n)]*)?\s*\)"  # Markdown
    rf"|<img\b[^>]*?\bsrc\s*=\s*[\"']([^\"'\n]+?{_ENDING})[\"']"  # HTML
    rf"|`([^`\n]+?{_ENDING})`"
    rf"|(?<![\w/.-])((?:[\w@.-]+/)*[\w@.-]+{_ENDING})(?![\w/])",  # a bare path
    re.IGNORECASE,
)

Describe = Callable[[str], Awaitable[Description]]


class Named(BaseModel):
    """A picture that the text names; either its description, or why there is none."""

    model_config = ConfigDict(frozen=True)

    path: str
    description: Description | None = None
    left_out: str = ""


class Enriched(BaseModel):
    """The text with what its pictures show at its end, or as it was when it names none."""

    model_config = ConfigDict(frozen=True)

    text: str
    images: tuple[Named, ...]


def named_in(text: str) -> list[str]:
    """The pictures that a text names, each once, in order: in Markdown, HTML, backticks, or as a bare path."""
    found = (next(group for group in match.groups() if group) for match in _NAMED.finditer(text))
    return list(dict.fromkeys(path if "://" in path else unquote(path) for path in found))


async def enrich(text: str, describe: Describe, most: int) -> Enriched:
    """Describe up to `most` of the named pictures. One that is not there or cannot be looked at is said so, and the
    others go on. Raises what a model's failure raises."""
    images = [await _one(path, describe, number <= most, most) for number, path in enumerate(named_in(text), 1)]
    if not images:
        return Enriched(text=text, images=())
    lines = [_line(image) for image in images]
    return Enriched(text="\n".join([text.rstrip(), "", "What the pictures show:", *lines, ""]), images=tuple(images))


async def _one(path: str, describe: Describe, within: bool, most: int) -> Named:
    if "://" in path or path.startswith("//"):
        return Named(path=path, left_out="It is on another machine; only pictures of the workspace are looked at.")
    if not within:
        return Named(path=path, left_out=f"Only the first {most} pictures of a text are looked at.")
    try:
        return Named(path=path, description=await describe(str(PurePosixPath(path))))
    except (ImageRefused, ToolRefused, OutsideWorkspace) as refused:
        return Named(path=path, left_out=str(refused))


def _line(image: Named) -> str:
    seen = image.description
    if seen is None:
        return f"- {image.path}: not described. {image.left_out}"
    return f"- {image.path} ({seen.width} x {seen.height}): {' '.join(seen.description.split())}"
