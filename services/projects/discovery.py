"""What a workspace's files tell about it: languages, packages, frameworks, tests, entry points, size. Runs nothing."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.projects.manifest import Manifests
from services.projects.node_project import MARKERS as NODE
from services.projects.node_project import discover_node
from services.projects.other_projects import ECOSYSTEMS
from services.projects.python_project import MARKERS as PYTHON
from services.projects.python_project import discover_python
from services.projects.recipe import Part, Recipe
from services.projects.survey import MOST_ENTRIES, Survey, survey

MOST_PARTS = 30
MOST_NOTES = 20
PART_DEPTH = 3
SHOWN = 12  # languages


@dataclass(frozen=True)
class Discovery:
    """`language` is the one with most files, empty where there is none we know. `recipe` says how to test it.

    `parts` are the projects within: the root's own first, then those of folders below. `notes` are sentences about what
    could not be read or is for a person to say.
    """

    language: str = ""
    languages: dict[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    files: int = 0
    size_bytes: int = 0
    cut: bool = False
    notes: tuple[str, ...] = ()
    more_entry_points: tuple[str, ...] = ()

    @property
    def frameworks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in self.parts for name in part.frameworks))

    @property
    def package_managers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.manager for part in self.parts if part.manager))

    @property
    def entry_points(self) -> tuple[str, ...]:
        own = [f"{part.path}: {name}" if part.path else name for part in self.parts for name in part.entry_points]
        return tuple(dict.fromkeys((*own, *self.more_entry_points)))

    def settings(self) -> dict[str, Any]:
        """As it is kept in a project's settings."""
        facts = {
            "language": self.language,
            "languages": self.languages,
            "package_managers": [*self.package_managers],
            "frameworks": [*self.frameworks],
            "entry_points": [*self.entry_points],
            "files": self.files,
            "size_bytes": self.size_bytes,
            "complete": not self.cut,
            "parts": [part.facts() for part in self.parts],
            "notes": [*self.notes],
        }
        return {"discovered": facts, **self.recipe.settings()}


def discover(root: Path, most: int = MOST_ENTRIES) -> Discovery:
    """Looks at `most` names and at a few files; broken ones count as absent, with a note."""
    found = survey(root, most)
    parts = _parts(found)
    return Discovery(
        language=found.language,
        languages=dict((found.programs + found.beside).most_common(SHOWN)),
        parts=tuple(parts),
        recipe=_recipe(Manifests(found), parts, found.notes),
        files=len(found.paths),
        size_bytes=found.size,
        cut=found.cut,
        notes=tuple(dict.fromkeys(found.notes))[:MOST_NOTES],
        more_entry_points=_pages(found) if not parts else (),
    )


def _parts(found: Survey) -> list[Part]:
    """The root's projects; where it has none, or is only the roof of several, those of the folders below."""
    markers = {name for names, _ in ECOSYSTEMS for name in names} | {*PYTHON, *NODE}
    folders = dict.fromkeys(path.rpartition("/")[0] for path in found.named(*sorted(markers), depth=PART_DEPTH))
    parts = _in_folder(found)
    for folder in folders:
        if not folder:
            continue
        if len(parts) >= MOST_PARTS:
            found.notes.append(f"Only the first {MOST_PARTS} projects within were looked at.")
            break
        within = (
            replace(part, recipe=part.recipe.within(folder), path=folder) for part in _in_folder(found.below(folder))
        )
        parts += [part for part in within if not _is_inside(part, parts)]
    if not parts and found.language == "python":
        parts = [discover_python(Manifests(found))]  # scripts without a word about them: pytest finds their tests
    return parts


def _is_inside(part: Part, parts: list[Part]) -> bool:
    """Whether one of its kind that spreads over folders (a solution, a reactor, a CMake tree) has it already."""
    return part.kind in _SPREADING and any(
        other.kind == part.kind and (not other.path or part.path.startswith(f"{other.path}/")) for other in parts
    )


def _in_folder(found: Survey) -> list[Part]:
    files = Manifests(found)
    parts: list[Part] = []
    if files.has(*PYTHON) and (found.programs["python"] or files.has("pyproject.toml")):
        parts.append(discover_python(files))
    if files.has(*NODE):
        parts.append(discover_node(files))
    for markers, discover_one in ECOSYSTEMS:
        if found.named(*markers, depth=0):
            parts.append(discover_one(files))
    return sorted(parts, key=lambda part: part.kind != _KINDS.get(found.language, found.language))


def _recipe(files: Manifests, parts: list[Part], notes: list[str]) -> Recipe:
    """The tests of the workspace as a whole. Several parts are tested one after the other."""
    own = [part for part in parts if not part.path and part.recipe.test]
    tested = [part for part in parts if part.recipe.test]
    if own:
        if left := [part.path or part.kind for part in tested if part is not own[0]]:
            notes.append(f"The test command leaves out {', '.join(left)}: name commands.test to have them tested too.")
        return own[0].recipe
    roof = _task_runner(files)
    if roof and len(tested) != 1:
        return Recipe(test=roof)
    if not tested:
        return Recipe(lint=parts[0].recipe.lint) if parts else Recipe()
    return tested[0].recipe if len(tested) == 1 else _together(tested, notes)


def _together(parts: list[Part], notes: list[str]) -> Recipe:
    """One environment for all of them: a virtual environment and a node_modules can share a folder, two can't."""
    kinds = [part.kind for part in parts if part.recipe.setup]
    shared = len(kinds) == len(set(kinds))
    if not shared:
        notes.append("Several parts of one kind: name a setup that builds what they all need.")
    # uv makes its environment in an empty folder only
    setups = sorted((part for part in parts if part.recipe.setup), key=lambda part: part.kind != "python")
    reports = [part.recipe.junit for part in parts if part.recipe.junit]
    return Recipe(
        test=" && ".join(f"({part.recipe.test})" for part in parts),
        e2e=" && ".join(f"({part.recipe.e2e or part.recipe.test})" for part in parts),
        junit=reports[0] if len(reports) == 1 else None,
        setup=" && ".join(f"({part.recipe.setup})" for part in setups) if shared and setups else None,
        setup_inputs=tuple(name for part in setups for name in part.recipe.setup_inputs) if shared else (),
        lint=tuple(f"({command})" for part in parts for command in part.recipe.lint),
    )


def _task_runner(files: Manifests) -> str | None:
    for name, program in (("Makefile", "make"), ("justfile", "just"), ("Taskfile.yml", "task")):
        lines = files.text(name).splitlines()
        if any(line.strip().startswith("test:") for line in lines):
            return f"{program} test"
    return None


def _pages(found: Survey) -> tuple[str, ...]:
    """A folder of pages without anything to build begins at its index."""
    return tuple(path for path in found.named("index.html", depth=1))[:5]


_SPREADING = frozenset({"dotnet", "java", "kotlin", "c", "c++", "rust", "elixir", "go"})
_KINDS = {"typescript": "node", "javascript": "node", "vue": "node", "svelte": "node", "c#": "dotnet", "f#": "dotnet"}
