"""Discovery of Node projects: the scripts of package.json, with its packages installed outside the worktree."""

import re
from typing import Any

from services.projects.manifest import Manifests, strings
from services.projects.recipe import Part, Recipe

MARKERS = ("package.json",)
FRAMEWORKS = (
    "react", "vue", "svelte", "next", "express", "fastify", "vite", "vitest", "jest", "mocha", "typescript",
    "@angular/core", "@nestjs/core", "nuxt", "astro", "@playwright/test", "electron", "koa",
)  # fmt: skip
NO_TEST = "no test specified"  # what `npm init` writes
# gone afterwards: a link is not what `node_modules/` in a .gitignore means, and it must not be committed
LINK = """trap 'rm -f node_modules' EXIT; ln -sfn "$WFHUB_ENV/node_modules" node_modules"""
LOCKS = (
    ("pnpm", "pnpm-lock.yaml"), ("yarn", "yarn.lock"), ("bun", "bun.lock"), ("bun", "bun.lockb"),
    ("npm", "package-lock.json"), ("npm", "npm-shrinkwrap.json"),
)  # fmt: skip
INSTALL = {
    "npm": "npm ci --no-audit --no-fund",
    "pnpm": "npx --yes {} install --frozen-lockfile --node-linker=hoisted",
    "yarn": "npx --yes {} install --frozen-lockfile --non-interactive",
}
RUNNERS = (("vitest", "npx vitest run"), ("jest", "npx jest"), ("mocha", "npx mocha"))
CHECKS = ("lint", "typecheck", "check", "format:check")


def discover_node(files: Manifests) -> Part:
    """What a folder with a package.json is, and how it is tested."""
    package = files.json("package.json")
    dependencies = {**strings(package, "dependencies"), **strings(package, "devDependencies")}
    scripts = strings(package, "scripts")
    manager, pinned = _manager(files, package)
    run = "npm run" if manager == "npm" else f"{manager} run"
    entry_points = tuple(f"{run} {name}" for name in ("start", "dev", "serve") if name in scripts)
    frameworks = tuple(name for name in FRAMEWORKS if name in dependencies)
    recipe = _recipe(files, package, scripts, dependencies, manager, pinned)
    return Part("node", manager, frameworks, entry_points, recipe)


def _manager(files: Manifests, package: dict[str, Any]) -> tuple[str, str]:
    """Its name, and how it is called with the version that the project wants."""
    told = package.get("packageManager")
    match = re.match(r"(npm|pnpm|yarn|bun)@(\d+[0-9A-Za-z.-]*)", told) if isinstance(told, str) else None
    if match:
        return match[1], f"{match[1]}@{match[2]}"
    name = next((manager for manager, lock in LOCKS if files.has(lock)), "npm")
    return name, {"pnpm": "pnpm@9", "yarn": "yarn@1"}.get(name, name)


def _recipe(
    files: Manifests,
    package: dict[str, Any],
    scripts: dict[str, str],
    dependencies: dict[str, str],
    manager: str,
    pinned: str,
) -> Recipe:
    lint = tuple(f"npm run {name}" for name in CHECKS if name in scripts)
    link = f"{LINK} && " if dependencies else ""
    test = _test(scripts, dependencies)
    if test is None:
        return Recipe(lint=lint)
    e2e = next((name for name in ("e2e", "test:e2e") if name in scripts), None)
    recipe = Recipe(test=link + test, e2e=f"{link}npm run {e2e}" if e2e else None, lint=lint)
    if not dependencies:
        return recipe
    if "workspaces" in package or files.has("pnpm-workspace.yaml"):
        files.found.notes.append("A workspace of several packages: name the project's setup yourself.")
        return recipe
    locks = [lock for _, lock in LOCKS if files.has(lock)]
    inputs = ("package.json", *locks, *(name for name in (".yarnrc.yml",) if files.has(name)))
    if manager not in INSTALL:
        files.found.notes.append(f"How {manager} installs into another folder is not known: name the project's setup.")
        return recipe
    install = INSTALL[manager].format(pinned) if locks else "npm install --no-audit --no-fund"
    return Recipe(
        test=recipe.test,
        e2e=recipe.e2e,
        lint=lint,
        setup=f'cp {" ".join(inputs)} "$WFHUB_ENV" && cd "$WFHUB_ENV" && {install}',
        setup_inputs=inputs,
    )


def _test(scripts: dict[str, str], dependencies: dict[str, str]) -> str | None:
    if NO_TEST not in scripts.get("test", NO_TEST):
        return "npm test"
    return next((command for name, command in RUNNERS if name in dependencies), None)
