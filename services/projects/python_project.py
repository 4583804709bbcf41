"""Discovery of Python projects: pytest with a report, in an environment of uv's making."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

from services.projects.recipe import Recipe

FRAMEWORKS = (
    "fastapi", "django", "flask", "starlette", "typer", "click", "sqlalchemy", "pydantic", "celery", "streamlit",
    "pytest",
)  # fmt: skip
REQUIREMENTS = (
    "requirements.txt", "requirements-test.txt", "requirements-dev.txt",
    "test-requirements.txt", "dev-requirements.txt",
)  # fmt: skip
TEST_EXTRAS = ("test", "tests", "testing", "dev")
JUNIT = ".workflow/junit.xml"
TEST = f"python -m pytest -q --junitxml={JUNIT}"


def discover_python(root: Path) -> tuple[tuple[str, ...], tuple[str, ...], Recipe]:
    """Frameworks, entry points and the recipe of a folder whose main language is Python."""
    project = _pyproject(root)
    requirements = [name for name in REQUIREMENTS if (root / name).is_file()]
    named = _dependency_names(project)
    for name in requirements:
        named |= {_bare(line) for line in (root / name).read_text(encoding="utf-8", errors="replace").splitlines()}
    frameworks = tuple(name for name in FRAMEWORKS if name in named)
    return frameworks, _entry_points(root, project), _recipe(root, project, requirements)


def _recipe(root: Path, project: dict[str, Any], requirements: list[str]) -> Recipe:
    sources: list[str] = ["pytest"]
    for name in requirements:
        sources += ["-r", name]
    extras = [name for name in TEST_EXTRAS if name in _table(project, "project", "optional-dependencies")]
    if _table(project, "project").get("dependencies") or extras:
        # the dependencies only: the project itself is imported from the worktree, as each task has another
        sources += ["-r", "pyproject.toml", *[part for name in extras for part in ("--extra", name)]]
    for name in TEST_EXTRAS:
        if name in _table(project, "dependency-groups"):
            sources += ["--group", name]
    inputs = tuple(name for name in ("pyproject.toml", *requirements, "setup.cfg") if (root / name).is_file())
    return Recipe(
        test=f"PYTHONPATH=src {TEST}" if (root / "src").is_dir() else TEST,
        junit=JUNIT,
        setup=f'uv venv --quiet "$WFHUB_ENV" && '
        f'uv pip install --quiet --python "$WFHUB_ENV/bin/python" {shlex.join(sources)}',
        setup_inputs=inputs,
    )


def _entry_points(root: Path, project: dict[str, Any]) -> tuple[str, ...]:
    scripts = tuple(_table(project, "project", "scripts"))
    files = tuple(name for name in ("manage.py", "main.py", "app.py", "__main__.py") if (root / name).is_file())
    packages = tuple(f"python -m {path.parent.name}" for path in sorted(root.glob("*/__main__.py")))
    return scripts + files + packages


def _pyproject(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}  # a file that is broken tells nothing; the tests will show it soon enough


def _table(document: dict[str, Any], *path: str) -> dict[str, Any]:
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _dependency_names(project: dict[str, Any]) -> set[str]:
    lists = [
        _table(project, "project").get("dependencies", []),
        *_table(project, "project", "optional-dependencies").values(),
        *_table(project, "dependency-groups").values(),
    ]
    return {
        _bare(entry) for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, str)
    }


def _bare(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return match.group().lower() if match else ""
