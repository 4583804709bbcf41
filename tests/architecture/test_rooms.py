"""Every room of the services stands in the import contracts, and in the table of docs/architecture.md."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
FILES = {path.stem for path in (ROOT / "services").glob("*.py")} - {"__init__"}
FREE = {  # who may do what the contract forbids to all others
    "Only workflows uses the engine": {"workflows", "cli", "demo", "stack"},  # three by their own contract
    "Only the stack uses Docker": {"stack", "cli", "demo"},
}
OF_THE_AGENT = {"contract", "domain", "repos", "logs", "redaction", "processes"} | FILES


def contract(name: str, key: str) -> set[str]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    found = next(each for each in told if each["name"].startswith(name))
    return set(re.findall(r"services\.(\w+)", " ".join(found[key])))


def test_each_room_has_its_place_among_the_layers() -> None:
    assert len(FOLDERS) > 40
    assert contract("The arrows", "layers") == FOLDERS | FILES


def test_each_room_says_what_it_is_for() -> None:
    said = {room: (ROOT / "services" / room / "__init__.py").read_text(encoding="utf-8") for room in FOLDERS}
    assert not [room for room, text in said.items() if not text.startswith('"""')]


@pytest.mark.parametrize("name", FREE)
def test_what_only_one_room_may_use_is_forbidden_to_each_other(name: str) -> None:
    assert contract(name, "source_modules") == (FOLDERS | FILES) - FREE[name]


def test_agent_api_is_kept_from_each_room_but_its_own() -> None:
    assert contract("agent-api knows", "forbidden_modules") == (FOLDERS | FILES) - OF_THE_AGENT


def test_the_page_about_the_architecture_names_each_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = page.partition("## The rooms")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(?:services/)?(\w+)`", rooms)) >= FOLDERS
