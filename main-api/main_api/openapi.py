"""Writes docs/openapi.json: `python -m main_api.openapi`, and `--check` only compares."""

import json
import sys
from pathlib import Path
from typing import Any

from main_api.app import create_app
from main_api.auth import OPEN_PATHS
from main_api.errors import Problem
from main_api.settings import MainSettings

TARGET = Path(__file__).parents[2] / "docs" / "openapi.json"


def schema() -> dict[str, Any]:
    """The document as the app serves it, plus the shape of problems and the bearer."""
    secret = "QmV0d2Vlbi10aGUtbGluZXMtMDEyMzQ1Njc4OQ"  # no one's: nothing is served from here
    settings = MainSettings.from_environment({"WFHUB_TOKEN": secret, "WFHUB_SECRET_KEY": secret})
    app = create_app(settings)
    document = app.openapi()
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
    return document


def text() -> str:
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text() else 1
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
