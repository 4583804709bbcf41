"""The documentation is built strictly: no link leads nowhere, no page is left out, nothing comes from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.reference import events, settings

ROOT = Path(__file__).parents[2]
FETCHES = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?(?:https?:)?//[^\s\"'>]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-q",
        "-f",
        "docs/site/mkdocs.yml",
        "-d",
        str(target),
    ]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return target


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    assert FETCHES.search('<link rel="preconnect" href=https://fonts.example crossorigin>')
    pages = [*site.rglob("*.html")]
    assert len(pages) > 80
    for page in pages:
        found = FETCHES.search(page.read_text(encoding="utf-8"))
        assert found is None or "canonical" in found[0], (page.name, found)
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8")), sheet.name


def test_pages_made_from_the_code_are_there(site: Path) -> None:
    tasks = (site / "reference" / "routes" / "tasks.html").read_text(encoding="utf-8")
    assert "/tasks/{task_id}/trigger" in tasks and "Start a task" in tasks
    assert "task.merged" in (site / "reference" / "events.html").read_text(encoding="utf-8")
    assert "WORKSPACES_DIR" in (site / "reference" / "settings.html").read_text(encoding="utf-8")
    assert (site / "reference" / "workflow.schema.json").is_file()
    assert "The cage" in (site / "decisions" / "index.html").read_text(encoding="utf-8")


def test_every_setting_is_on_its_page() -> None:
    documented = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert settings.names() == set(documented)


def test_events_are_found_in_the_code() -> None:
    words = (ROOT / "static/src/task/facts.ts").read_text(encoding="utf-8")
    told = set(re.findall(r'^  "([a-z_]+\.[a-z_]+)":', words, re.MULTILINE))
    assert len(told) > 30 and not [kind for kind in told if not events.is_known(kind)]
    assert not events.is_known("weather.sunny")
