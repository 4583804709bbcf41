"""Discovery of Node projects: the scripts of package.json, with its packages installed outside the worktree."""

import json
from pathlib import Path
from typing import Any

from services.projects.recipe import Recipe

FRAMEWORKS = ("react", "vue", "svelte", "next", "express", "fastify", "vite", "vitest", "jest", "mocha", "typescript")
NO_TEST = "no test specified"  # what `npm init` writes
# gone afterwards: a link is not what `node_modules/` in a .gitignore means, and it must not be committed
LINK = """trap 'rm -f node_modules' EXIT; ln -sfn "$WFHUB_ENV/node_modules" node_modules"""


def discover_node(root: Path) -> tuple[tuple[str, ...], tuple[str, ...], Recipe]:
    """Frameworks, entry points and the recipe of a folder with a package.json."""
    package = _package(root)
    dependencies = {**_strings(package, "dependencies"), **_strings(package, "devDependencies")}
    frameworks = tuple(name for name in FRAMEWORKS if name in dependencies)
    scripts = _strings(package, "scripts")
    entry_points = tuple(name for name in ("start", "dev", "serve") if name in scripts)
    return frameworks, tuple(f"npm run {name}" for name in entry_points), _recipe(root, scripts, bool(dependencies))


def _recipe(root: Path, scripts: dict[str, str], has_dependencies: bool) -> Recipe:
    if NO_TEST in scripts.get("test", NO_TEST):
        return Recipe()
    link = f"{LINK} && " if has_dependencies else ""
    e2e = next((name for name in ("e2e", "test:e2e") if name in scripts), None)
    inputs = tuple(name for name in ("package.json", "package-lock.json") if (root / name).is_file())
    install = "npm ci" if "package-lock.json" in inputs else "npm install"
    return Recipe(
        test=f"{link}npm test",
        e2e=f"{link}npm run {e2e}" if e2e else None,
        setup=f'cp {" ".join(inputs)} "$WFHUB_ENV" && cd "$WFHUB_ENV" && {install} --no-audit --no-fund'
        if has_dependencies
        else None,
        setup_inputs=inputs if has_dependencies else (),
    )


def _package(root: Path) -> dict[str, Any]:
    try:
        loaded = json.loads((root / "package.json").read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _strings(package: dict[str, Any], name: str) -> dict[str, str]:
    table = package.get(name)
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}
