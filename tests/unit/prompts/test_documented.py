"""docs/prompts.md lists the sections of a run's prompt as they are: their order and their budgets."""

import inspect
import re
from pathlib import Path

from services.prompts import task_prompt
from services.prompts.budgets import TOKENS

PAGE = Path(__file__).parents[3] / "docs" / "prompts.md"
ROW = re.compile(r"^\| .+ \| (`\w+`(?:, `\w+`)*) \| ([\d, ]+) \| ([\d, ]*) ?\| (?:yes)? ?\|$", re.MULTILINE)
NAMED = re.compile(r'name="(\w+)"|\b(about|guides|project_section)\(')
BY_FUNCTION = {"about": "project_md", "guides": "guides", "project_section": "project"}


def told() -> list[tuple[str, str]]:
    """Name and budget of each row; a row of several names has as many budgets."""
    rows = [(re.findall(r"`(\w+)`", names), budgets.split(", ")) for names, _, budgets in ROW.findall(PAGE.read_text())]
    return [(name, budget.strip()) for names, budgets in rows for name, budget in zip(names, budgets, strict=True)]


def test_every_section_is_in_the_table_in_its_order() -> None:
    source = inspect.getsource(task_prompt.task_sections)
    named = [name or BY_FUNCTION[function] for name, function in NAMED.findall(source)]
    assert [name for name, _ in told()] == ["fences", *named]


def test_the_budgets_are_those_of_the_code() -> None:
    assert [(name, budget) for name, budget in told() if budget] == [
        (name, f"{TOKENS[name]:,}") for name, _ in told() if name in TOKENS
    ]
