"""A bounded look at a workspace's files: names, languages, size. Nothing is run, no link is followed."""

import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

# What a programme is written in; the second table is what lies beside it, and counts only where there is nothing else.
PROGRAMS = {
    ".py": "python", ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".js": "javascript",
    ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".vue": "vue", ".svelte": "svelte", ".go": "go",
    ".rs": "rust", ".java": "java", ".kt": "kotlin", ".kts": "kotlin", ".scala": "scala", ".groovy": "groovy",
    ".rb": "ruby", ".php": "php", ".cs": "c#", ".fs": "f#", ".vb": "visual basic", ".c": "c", ".h": "c", ".cc": "c++",
    ".cpp": "c++", ".cxx": "c++", ".hpp": "c++", ".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".hs": "haskell",
    ".swift": "swift", ".dart": "dart", ".lua": "lua", ".pl": "perl", ".r": "r", ".jl": "julia", ".zig": "zig",
    ".clj": "clojure", ".ml": "ocaml", ".nim": "nim", ".sh": "shell", ".bash": "shell", ".ps1": "powershell",
    ".sql": "sql", ".tf": "terraform",
}  # fmt: skip
BESIDE = {
    ".html": "html", ".htm": "html", ".css": "css", ".scss": "css", ".yml": "yaml", ".yaml": "yaml",
    ".md": "markdown", ".rst": "markdown", ".json": "json", ".toml": "toml",
}  # fmt: skip
# Made by tools, or others' code: no word about the project.
SKIPPED = frozenset({
    "node_modules", "venv", "env", "dist", "build", "target", "__pycache__", "vendor", "bower_components", "Pods",
    "site-packages", "deps", "_build", "obj", "coverage", "htmlcov",
})  # fmt: skip
MOST_ENTRIES = 50_000
MOST_DEPTH = 12


@dataclass
class Survey:
    """`paths` are files relative to the root, shallow ones first. `entries` bounds what was looked at; `cut` tells that
    there is more. `size` is in bytes."""

    root: Path
    paths: list[str] = field(default_factory=list)
    programs: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)
    size: int = 0
    cut: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The one that most files are written in; empty where there is none we know."""
        for counts, known in ((self.programs, PROGRAMS), (self.beside, BESIDE)):
            if counts:
                order = [*dict.fromkeys(known.values())]  # of two with as many files the one that is named first
                return max(counts, key=lambda name: (counts[name], -order.index(name)))
        return ""

    def named(self, *names: str, depth: int = 3) -> list[str]:
        """Paths of files of these names (or endings, as `*.csproj`), at most so many folders down."""
        endings = tuple(name[1:] for name in names if name.startswith("*"))
        return [
            path
            for path in self.paths
            if path.count("/") <= depth and (_name(path) in names or (endings and path.endswith(endings)))
        ]

    def below(self, folder: str) -> "Survey":
        """The same of one folder (`""` is the root itself), with paths relative to it."""
        if not folder:
            return self
        part = Survey(self.root / folder, cut=self.cut, notes=self.notes)
        for path in self.paths:
            if path.startswith(f"{folder}/"):
                part.note(path[len(folder) + 1 :])
        return part

    def note(self, path: str) -> None:
        self.paths.append(path)
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in PROGRAMS:
            self.programs[PROGRAMS[suffix]] += 1
        elif suffix in BESIDE:
            self.beside[BESIDE[suffix]] += 1


def survey(root: Path, most: int = MOST_ENTRIES) -> Survey:
    """Looks at the shallow folders first, at `most` names in all, so a folder of a million costs no more."""
    found, left = Survey(root), most
    waiting: deque[tuple[str, int]] = deque([("", 0)])
    while waiting:
        folder, depth = waiting.popleft()
        try:
            listing = os.scandir(root / folder)
        except OSError as error:
            found.notes.append(f"{folder or 'The workspace'} can't be read: {error.strerror}.")
            continue
        files: list[str] = []
        folders: list[str] = []
        with listing:
            for entry in listing:
                left -= 1
                if left < 0:
                    found.cut = True
                    break
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED and not entry.name.startswith(".") and depth < MOST_DEPTH:
                        folders.append(path)
                elif entry.is_file(follow_symlinks=False) and _is_text(entry.name):
                    files.append(path)
                    found.size += entry.stat(follow_symlinks=False).st_size
        for path in sorted(files):
            found.note(path)
        waiting.extend((path, depth + 1) for path in sorted(folders))
        if left < 0:
            break
    if found.cut:
        found.notes.append(f"Only the first {most} names were looked at; there are more.")
    return found


def _is_text(name: str) -> bool:
    """Whether the name can be written to a row and a screen: the system allows bytes that are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\n" not in name and "\r" not in name


def _name(path: str) -> str:
    return path.rpartition("/")[2]
