"""The schema of a workflow's YAML as a page, from the models that check it."""

import re
from typing import Any

from services.domain.workflow import Workflow

HEAD = """# Schema of a workflow

Every field that the YAML of a workflow may have, as the hub checks it; any other field is refused. What each means
and whole examples: [Workflows](../workflows.md). For an editor: [workflow.schema.json](workflow.schema.json), which
knows the form, while `wf workflow check FILE` knows all of it.
"""


def schema() -> dict[str, Any]:
    return Workflow.model_json_schema()


def page() -> str:
    """Markdown: the workflow first, then what it is made of, by name."""
    whole = schema()
    parts = {"Workflow": whole, **dict(sorted(whole["$defs"].items()))}
    return HEAD + "".join(_section(name, part) for name, part in parts.items() if "properties" in part)


def _section(name: str, part: dict[str, Any]) -> str:
    needed = part.get("required", [])
    rows = [
        f"| `{field}` | {_kind(one)} | {'needed' if field in needed else _default(one)} | {_told(one)} |"
        for field, one in part["properties"].items()
    ]
    words = " ".join(part.get("description", "").split())
    table = "\n".join(["| field | is | when left out | |", "| --- | --- | --- | --- |", *rows])
    return f"\n## {name}\n\n{_escaped(words)}\n\n{table}\n"


def _kind(one: dict[str, Any]) -> str:
    """`text`, `list of Stage`, `dev or qa`: links where a part of its own is meant."""
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        part = schema()["$defs"][name]
        return f"[{name}](#{name.lower()})" if "properties" in part else _kind(part)
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    for many in ("anyOf", "oneOf"):
        if many in one:
            return " or ".join(_kind(each) for each in one[many] if each.get("type") != "null")
    if one.get("type") == "array":
        items = one.get("items")
        return f"list of {_kind(items)}" if items else "list"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    return words.get(one.get("type", ""), one.get("type", "anything"))


def _default(one: dict[str, Any]) -> str:
    value = one.get("default")
    if value is None or value in ("", [], {}) or isinstance(value, dict):
        return ""
    shown = str(value).lower() if isinstance(value, bool) else ", ".join(value) if isinstance(value, list) else value
    return f"`{shown}`"


BOUNDS = {
    "minimum": "at least {}", "exclusiveMinimum": "above {}", "maximum": "at most {}", "pattern": "fits `{}`",
    "minLength": "{} characters or more", "maxLength": "at most {} characters",
    "minItems": "{} or more", "maxItems": "at most {}",
}  # fmt: skip


def _told(one: dict[str, Any]) -> str:
    inner = next((each for each in one.get("anyOf", ()) if each.get("type") != "null"), {})
    bounds = [words.format((inner | one)[key]) for key, words in BOUNDS.items() if key in inner | one]
    return _escaped("; ".join(filter(None, [one.get("description", ""), ", ".join(bounds)])))


def _escaped(text: str) -> str:
    return re.sub(r"\|", "\\\\|", text).replace("<", "&lt;")
