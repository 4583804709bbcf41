"""What a workspace's files tell about it: language, frameworks, how it is tested and what its tests need."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.projects.node_project import discover_node
from services.projects.python_project import discover_python
from services.projects.recipe import Recipe

LANGUAGES = {
    ".py": "python", ".ts": "typescript", ".tsx": "typescript", ".js": "javascript", ".jsx": "javascript", ".go": "go",
    ".rs": "rust", ".java": "java", ".kt": "kotlin", ".rb": "ruby", ".php": "php", ".cs": "c#", ".c": "c",
    ".cpp": "c++", ".sh": "shell", ".yml": "yaml", ".yaml": "yaml",
}  # fmt: skip
SKIPPED = frozenset({"node_modules", "venv", "dist", "build", "target", "__pycache__", "vendor"})
MOST_FILES = 5000


@dataclass(frozen=True)
class Discovery:
    """`language` is the one with most files, empty where there is none we know. `recipe` says how to test it."""

    language: str = ""
    frameworks: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=Recipe)

    def settings(self) -> dict[str, Any]:
        """As it is kept in a project's settings."""
        facts = {"language": self.language, "frameworks": list(self.frameworks), "entry_points": [*self.entry_points]}
        return {"discovered": facts, **self.recipe.settings()}


def discover(root: Path) -> Discovery:
    """Reads at most MOST_FILES names and a few files; runs nothing. Broken files count as absent."""
    counts = Counter(
        LANGUAGES[suffix] for suffix in (Path(name).suffix for name in _names(root)) if suffix in LANGUAGES
    )
    ranked = [language for language, _ in counts.most_common() if language != "yaml"]
    language = ranked[0] if ranked else ("yaml" if counts else "")
    if language == "python":
        frameworks, entry_points, recipe = discover_python(root)
    elif (root / "package.json").is_file():
        frameworks, entry_points, recipe = discover_node(root)
    else:
        frameworks, entry_points, recipe = (), (), _other(root)
    return Discovery(language, frameworks, entry_points, recipe)


def _other(root: Path) -> Recipe:
    for marker, command in (("go.mod", "go test ./..."), ("Cargo.toml", "cargo test")):
        if (root / marker).is_file():
            return Recipe(test=command)
    for name, program in (("Makefile", "make"), ("justfile", "just")):
        path = root / name
        if path.is_file() and any(line.startswith("test:") for line in _lines(path)):
            return Recipe(test=f"{program} test")
    return Recipe()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _names(root: Path) -> list[str]:
    names: list[str] = []
    for _folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED and not f.startswith("."))
        names.extend(files)
        if len(names) >= MOST_FILES:
            break
    return names[:MOST_FILES]
