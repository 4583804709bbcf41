"""A page for each group of main-api's routes, from docs/openapi.json."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "docs" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")


def pages() -> dict[str, str]:
    """Markdown by the group's name, and `index` for all of them."""
    document = json.loads(SOURCE.read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, list[str]] = defaultdict(list)
    for path, route in sorted(document["paths"].items()):
        for method in METHODS:
            if (one := route.get(method)) is None:
                continue
            group = one["tags"][0]
            groups[group].append(_operation(document, method.upper(), path, one))
            rows[group].append(f"| `{method.upper()} {path}` | {_cell(one['summary'])} |")
    found = {group: f"# {_title(group)}\n" + "".join(parts) for group, parts in groups.items()}
    return {"index": _index(rows), **found}


def _index(rows: dict[str, list[str]]) -> str:
    lines = [
        "# Routes of main-api",
        "",
        "What holds for each is told once: [The HTTP API](../../api.md). The same as one document:",
        " [openapi.json](../../openapi.json).",
    ]
    for group, own in sorted(rows.items()):
        lines += ["", f"## [{_title(group)}]({group}.md)", "", "| route | |", "| --- | --- |", *own]
    return "\n".join(lines) + "\n"


def _operation(document: dict[str, Any], method: str, path: str, one: dict[str, Any]) -> str:
    lines = ["", f"## `{method} {path}`", "", f"**{one['summary']}.**", "", _prose(one.get("description", ""))]
    fields = list(_parameters(one)) + list(_body(document, one))
    if fields:
        lines += ["", "| field | in | is | |", "| --- | --- | --- | --- |", *fields]
    if (example := _example(one)) is not None:
        lines += ["", "```json", json.dumps(example, indent=2, ensure_ascii=False), "```"]
    answers = [f"{status} {_cell(answer['description'])}" for status, answer in sorted(one["responses"].items())]
    lines += ["", "Answers: " + " · ".join(answers)]
    return "\n".join(lines) + "\n"


def _parameters(one: dict[str, Any]) -> Iterator[str]:
    for parameter in one.get("parameters", ()):
        needed = "needed" if parameter.get("required") else ""
        told = parameter.get("description", "")
        yield _row(parameter["name"], parameter["in"], parameter["schema"], needed, told)


def _body(document: dict[str, Any], one: dict[str, Any]) -> Iterator[str]:
    for content in one.get("requestBody", {}).get("content", {}).values():
        for part in _parts(document, content.get("schema", {})):
            for name, field in part.get("properties", {}).items():
                needed = "needed" if name in part.get("required", ()) else ""
                yield _row(name, "body", field, needed, field.get("description", ""))


def _parts(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        yield document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for each in schema.get("anyOf", ()):
        yield from _parts(document, each)
    if "properties" in schema:
        yield schema


def _row(name: str, where: str, schema: dict[str, Any], needed: str, told: str) -> str:
    return f"| `{name}` | {where} | {_kind(schema)} | {'. '.join(filter(None, [needed, _cell(told)]))} |"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return schema.get("type", "any")


def _example(one: dict[str, Any]) -> Any:
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example")


def _title(group: str) -> str:
    return group.replace("-", " ").capitalize()


def _prose(text: str) -> str:
    """Braces and angles that the text means stay text."""
    return re.sub(r"<(?=[a-zA-Z/])", "&lt;", text)


def _cell(text: str) -> str:
    return _prose(" ".join(text.split())).replace("|", "\\|")
