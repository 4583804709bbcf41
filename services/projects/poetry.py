"""Poetry's own tables of dependencies, older than the standard's, as requirements that any installer reads.

https://python-poetry.org/docs/dependency-specification/
"""

import re
from typing import Any

from services.projects.manifest import table, texts

_OPERATORS = ("<", ">", "=", "!")


def requirements_of_poetry(poetry: dict[str, Any], notes: list[str]) -> list[str]:
    """The main dependencies and those of all groups but docs. What has no version to download is noted."""
    groups = [table(poetry, "dependencies"), table(poetry, "dev-dependencies")]
    groups += [table(poetry, "group", name, "dependencies") for name in table(poetry, "group") if name != "docs"]
    found: list[str] = []
    for group in groups:
        for name, told in group.items():
            if name == "python":
                continue
            line = _requirement(name, told)
            if line is None:
                notes.append(f"The dependency {name} is a folder or a repository: name it in the project's setup.")
            else:
                found.append(line)
    return found


def _requirement(name: str, told: Any) -> str | None:
    if isinstance(told, list) and told:
        told = told[0]
    if isinstance(told, str):
        return f"{name}{_versions(told)}"
    entry = table({"told": told}, "told")
    version, extras = entry.get("version"), ",".join(texts(entry.get("extras")))
    if not isinstance(version, str):
        return None
    return f"{name}[{extras}]{_versions(version)}" if extras else f"{name}{_versions(version)}"


def _versions(told: str) -> str:
    """`^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`, a bare number is exact."""
    return ",".join(filter(None, (_one(part.strip()) for part in told.split(","))))


def _one(told: str) -> str:
    if not told or told == "*":
        return ""
    if told.startswith(_OPERATORS):
        return told.replace(" ", "")
    if told[0] not in "^~":
        return f"=={told}"
    numbers = re.findall(r"\d+", told)[:3]
    if not numbers:
        return ""
    if told[0] == "~":
        fixed = numbers[: min(len(numbers), 2)]
    else:  # up to the first number that is not zero
        first = next((at for at, number in enumerate(numbers) if number != "0"), len(numbers) - 1)
        fixed = numbers[: first + 1]
    upper = [*fixed[:-1], str(int(fixed[-1]) + 1)]
    return f">={told[1:].lstrip('=')},<{'.'.join(upper)}"
