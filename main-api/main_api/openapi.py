"""Writes docs/openapi.json: `python -m main_api.openapi`, and `--check` only compares."""

import json
import sys
from pathlib import Path
from typing import Any

from main_api.app import create_app
from main_api.settings import MainSettings

TARGET = Path(__file__).parents[2] / "docs" / "openapi.json"


def schema() -> dict[str, Any]:
    """The document as the app serves it."""
    secret = "QmV0d2Vlbi10aGUtbGluZXMtMDEyMzQ1Njc4OQ"  # no one's: nothing is served from here
    return create_app(MainSettings.from_environment({"WFHUB_TOKEN": secret, "WFHUB_SECRET_KEY": secret})).openapi()


def text() -> str:
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text() else 1
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
