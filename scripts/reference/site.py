"""MkDocs calls this while it builds the site: pages that are made from the code, and a list of all decisions."""

import json
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]  # MkDocs loads this file by its path

from scripts.reference import events, routes, settings, workflow  # noqa: E402


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the made pages to those that are there."""
    made = {
        "reference/settings.md": settings.page(),
        "reference/events.md": events.page(),
        "reference/workflow.md": workflow.page(),
        "reference/workflow.schema.json": json.dumps(workflow.schema(), indent=1),
        "decisions/index.md": decisions(),
    } | {f"reference/routes/{name}.md": text for name, text in routes.pages().items()}
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def decisions() -> str:
    """A list of all records, the newest first."""
    about = "What cost thought, a page each: what was decided, why, and what it costs. A missing number was never used."
    lines = ["# Decisions", "", about, ""]
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md"), reverse=True):
        found = re.match(r"# (.+)", path.read_text(encoding="utf-8"))
        lines.append(f"- [{found[1] if found else path.stem}]({path.name})")
    return "\n".join(lines) + "\n"
