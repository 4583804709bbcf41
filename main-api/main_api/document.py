"""The OpenAPI document: what the framework knows, the shape of problems, who may call, an example of each body."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from main_api.auth import OPEN_PATHS
from main_api.errors import Problem
from main_api.settings import MainSettings

JSON = "application/json"


def install(app: FastAPI, settings: MainSettings) -> None:
    """`GET /openapi.json` answers with the whole document."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete(plain(), settings)
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign] - FastAPI's own way to change it


def complete(document: dict[str, Any], settings: MainSettings) -> dict[str, Any]:
    document["info"]["version"] = "1"  # the API's: the product's would change the file with every release
    parts = document.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.setdefault("schemas", {}).update({**problem.pop("$defs"), "Problem": problem})
    parts["securitySchemes"] = {
        "owner": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": settings.cookie},
    }
    document["security"] = [{"owner": []}, {"session": []}]
    for path in OPEN_PATHS & document["paths"].keys():
        for operation in document["paths"][path].values():
            operation["security"] = []
    for content in _json_bodies(document):
        if "example" not in content and (made := example(content["schema"], parts["schemas"])) is not None:
            content["example"] = made
    return document


def example(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """Made of the examples of its fields; None where a field that must be sent has none."""
    if "$ref" in schema:
        return example(parts[schema["$ref"].rpartition("/")[2]], parts)
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in (c for c in schema.get("anyOf", ()) if c.get("type") != "null"):
        return example(choice, parts)
    if schema.get("type") == "array":
        inner = example(schema["items"], parts)
        return None if inner is None else [inner]
    if schema.get("type") != "object":
        return schema.get("const") or next(iter(schema.get("enum", ())), None)
    made = {name: example(field, parts) for name, field in schema.get("properties", {}).items()}
    if any(made[name] is None for name in schema.get("required", ())):
        return None
    return {name: value for name, value in made.items() if value is not None}


def _json_bodies(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {})
            if JSON in content:
                yield content[JSON]
