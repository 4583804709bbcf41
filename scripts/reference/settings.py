"""The page of all settings, from .env.example; test_settings_documented.py sees that it is whole."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / ".env.example"
HEADING = re.compile(r"^# -- (.+)$")
SETTING = re.compile(r"^#([A-Z_]+)=(\S*(?: \S+)*?)?\s*(?:\((.*)\))?$")
HEAD = """# Settings of the processes

They stand in `.env` beside `start.sh`, or in the environment, which wins; after a change `./start.sh` restarts what it
concerns. Times are seconds, sizes bytes, money US dollars. Some can be set while the hub runs, which then wins
([Settings](../settings.md)).
"""


def page() -> str:
    """Markdown: a table for each part of the file, in its order."""
    lines = [HEAD]
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if found := HEADING.match(line):
            lines += ["", f"## {_title(found[1])}", "", "| setting | default | |", "| --- | --- | --- |"]
        elif found := SETTING.match(line):
            name, default, note = found.groups()
            lines.append(f"| `{name}` | {f'`{default}`' if default else ''} | {_escaped(note or '')} |")
    return "\n".join(lines) + "\n"


def names() -> set[str]:
    """The settings of the page."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", page(), re.MULTILINE))


def _title(text: str) -> str:
    return re.sub(r" ?\((docs/)?\w+\.md\)", "", text)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
