"""Discovery of Python projects: pytest with a report, in an environment of uv's making."""

import re
import shlex
from typing import Any

from services.projects.manifest import Manifests, strings, table, texts
from services.projects.poetry import requirements_of_poetry
from services.projects.recipe import Part, Recipe

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt", "environment.yml", "tox.ini")
FRAMEWORKS = (
    "fastapi", "django", "flask", "starlette", "typer", "click", "sqlalchemy", "pydantic", "celery", "streamlit",
    "pytest", "aiohttp", "tornado", "numpy", "pandas", "torch", "scikit-learn", "ansible-core",
)  # fmt: skip
REQUIREMENTS = (
    "requirements.txt", "requirements-test.txt", "requirements-dev.txt",
    "test-requirements.txt", "dev-requirements.txt",
)  # fmt: skip
TEST_EXTRAS = ("test", "tests", "testing", "dev")
JUNIT = ".workflow/junit.xml"
TEST = f"python -m pytest -q --junitxml={JUNIT}"
VENV = 'uv venv --quiet "$WFHUB_ENV"'
INSTALL = 'uv pip install --quiet --python "$WFHUB_ENV/bin/python"'
LINTERS = (("ruff", "ruff check ."), ("mypy", "mypy ."), ("black", "black --check ."), ("flake8", "flake8"),
           ("pylint", "pylint ."))  # fmt: skip


def discover_python(files: Manifests) -> Part:
    """What a folder with Python in it is, and how it is tested."""
    project, setup_cfg, pipfile = files.toml("pyproject.toml"), files.ini("setup.cfg"), files.toml("Pipfile")
    requirements = [name for name in REQUIREMENTS if files.has(name)]
    poetry = table(project, "tool", "poetry")
    from_poetry = requirements_of_poetry(poetry, files.found.notes) if "project" not in project else []
    named = _declared(project) | {_bare(line) for line in from_poetry} | _in_setup_cfg(setup_cfg)
    named |= {name.lower() for name in (*table(pipfile, "packages"), *table(pipfile, "dev-packages"))}
    for name in requirements:
        named |= {_bare(line) for line in files.text(name).splitlines()}
    manager = _manager(files, project, requirements)
    inputs = tuple(
        name for name in ("pyproject.toml", "uv.lock", *requirements, "setup.cfg") if files.has(name)
    )  # fmt: skip
    sources = _sources(project, requirements, from_poetry, setup_cfg, pipfile)
    recipe = Recipe(
        test=f"PYTHONPATH=src {TEST}" if any(path.startswith("src/") for path in files.found.paths) else TEST,
        junit=JUNIT,
        setup=_synced(project) if files.has("uv.lock") and files.has("pyproject.toml") else _installed(sources),
        setup_inputs=(*inputs, *(("Pipfile",) if pipfile else ())),
        lint=_linters(files, project, setup_cfg),
    )
    return Part("python", manager, tuple(n for n in FRAMEWORKS if n in named), _entry_points(files, project), recipe)


def _manager(files: Manifests, project: dict[str, Any], requirements: list[str]) -> str:
    tool = table(project, "tool")
    for name, told in (
        ("uv", files.has("uv.lock") or "uv" in tool),
        ("poetry", files.has("poetry.lock") or "poetry" in tool),
        ("pdm", files.has("pdm.lock") or "pdm" in tool),
        ("hatch", "hatch" in tool),
        ("pipenv", files.has("Pipfile")),
        ("conda", files.has("environment.yml", "environment.yaml")),
    ):
        if told:
            return name
    return "pip" if requirements or files.has("pyproject.toml", "setup.py", "setup.cfg") else ""


def _synced(project: dict[str, Any]) -> str:
    """Exactly what uv.lock says. The project itself is imported from the worktree, as each task has another."""
    extras = [f"--extra {shlex.quote(name)}" for name in TEST_EXTRAS if name in _extras(project)]
    groups = [f"--group {shlex.quote(name)}" for name in TEST_EXTRAS if name in table(project, "dependency-groups")]
    sync = " ".join(["uv sync --quiet --frozen --no-install-project --no-install-workspace", *extras, *groups])
    return f'{VENV} && UV_PROJECT_ENVIRONMENT="$WFHUB_ENV" {sync} && {INSTALL} pytest'


def _installed(sources: list[str]) -> str:
    return f"{VENV} && {INSTALL} {shlex.join(sources)}"


def _sources(
    project: dict[str, Any],
    requirements: list[str],
    from_poetry: list[str],
    setup_cfg: dict[str, Any],
    pipfile: dict[str, Any],
) -> list[str]:
    sources: list[str] = ["pytest"]
    for name in requirements:
        sources += ["-r", name]
    extras = [name for name in TEST_EXTRAS if name in _extras(project)]
    if table(project, "project").get("dependencies") or extras:
        # the dependencies only: the project itself is imported from the worktree, as each task has another
        sources += ["-r", "pyproject.toml", *[part for name in extras for part in ("--extra", name)]]
    for name in TEST_EXTRAS:
        if name in table(project, "dependency-groups"):
            sources += ["--group", name]
    install = str(table(setup_cfg, "options").get("install_requires") or "")
    declared = [*from_poetry, *(line.strip() for line in install.splitlines())]
    declared += [_pinned(name, told) for section in ("packages", "dev-packages")
                 for name, told in table(pipfile, section).items()]  # fmt: skip
    return sources + [line for line in declared if line and not line.startswith(("-", "#"))]


def _pinned(name: str, told: Any) -> str:
    """A Pipfile's entry as a requirement."""
    version = told if isinstance(told, str) else table({"told": told}, "told").get("version", "")
    return name if version in ("*", "") or not isinstance(version, str) else f"{name}{version}"


def _extras(project: dict[str, Any]) -> dict[str, Any]:
    return table(project, "project", "optional-dependencies")


def _entry_points(files: Manifests, project: dict[str, Any]) -> tuple[str, ...]:
    scripts = (*strings(project, "project", "scripts"), *strings(project, "tool", "poetry", "scripts"))
    single = tuple(name for name in ("manage.py", "main.py", "app.py", "__main__.py") if files.has(name))
    mains = (path for path in files.found.paths if path.endswith("/__main__.py"))
    packages = tuple(f"python -m {path.split('/')[-2]}" for path in mains if path.count("/") <= 2)
    return tuple(dict.fromkeys((*scripts, *single, *packages)))


def _linters(files: Manifests, project: dict[str, Any], setup_cfg: dict[str, Any]) -> tuple[str, ...]:
    """Those that the project configures."""
    told = set(table(project, "tool")) | set(setup_cfg)
    told |= {"ruff"} if files.has("ruff.toml", ".ruff.toml") else set()
    told |= {"mypy"} if files.has("mypy.ini", ".mypy.ini") else set()
    told |= {"flake8"} if files.has(".flake8") else set()
    told |= {"pylint"} if files.has(".pylintrc") else set()
    return tuple(command for name, command in LINTERS if name in told)


def _declared(project: dict[str, Any]) -> set[str]:
    lists = [
        table(project, "project").get("dependencies"),
        *_extras(project).values(),
        *table(project, "dependency-groups").values(),
    ]
    return {_bare(entry) for entries in lists for entry in texts(entries)}


def _in_setup_cfg(setup_cfg: dict[str, Any]) -> set[str]:
    install = table(setup_cfg, "options").get("install_requires") or ""
    return {_bare(line) for line in str(install).splitlines() if line.strip()}


def _bare(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return match.group().lower() if match else ""
