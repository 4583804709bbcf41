"""What a folder's files tell, and the key a name gives."""

import json
from pathlib import Path

import pytest

from services.projects.create import merge_settings
from services.projects.discovery import discover
from services.projects.keys import KEY, derive_key


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_python_package(tmp_path: Path) -> None:
    pyproject = """
        [project]
        name = "till"
        dependencies = ["FastAPI>=0.1", "sqlalchemy[asyncio]"]
        [project.optional-dependencies]
        test = ["pytest"]
        docs = ["sphinx"]
        [project.scripts]
        till = "till.app:main"
        [dependency-groups]
        dev = ["ruff"]
    """
    root = write(
        tmp_path,
        {
            "pyproject.toml": pyproject,
            "requirements-test.txt": "hypothesis\n",
            "src/till/a.py": "",
            "tests/test_a.py": "",
        },
    )
    found = discover(root)
    assert (found.language, found.frameworks) == ("python", ("fastapi", "sqlalchemy", "pytest"))
    assert found.entry_points == ("till",)
    settings = found.settings()
    assert settings["commands"]["test"] == "PYTHONPATH=src python -m pytest -q --junitxml=.workflow/junit.xml"
    assert settings["commands"]["e2e"] == settings["commands"]["test"]
    setup = settings["setup"]
    assert "pytest -r requirements-test.txt -r pyproject.toml --extra test --group dev" in setup
    assert "docs" not in setup
    assert settings["setup_inputs"] == ["pyproject.toml", "requirements-test.txt"]


def test_a_node_package(tmp_path: Path) -> None:
    package = {
        "scripts": {"test": "vitest run", "test:e2e": "playwright test", "dev": "vite"},
        "dependencies": {"react": "19"}, "devDependencies": {"vitest": "4"},
    }  # fmt: skip
    root = write(tmp_path, {"package.json": json.dumps(package), "package-lock.json": "{}", "a.ts": "", "b.tsx": ""})
    found = discover(root)
    assert (found.language, found.frameworks) == ("typescript", ("react", "vitest"))
    commands = found.settings()["commands"]
    assert commands["test"].endswith("npm test") and commands["e2e"].endswith("npm run test:e2e")
    assert "npm ci" in found.settings()["setup"]


def test_what_npm_init_writes_is_no_test(tmp_path: Path) -> None:
    package = {"scripts": {"test": 'echo "Error: no test specified" && exit 1'}}
    root = write(tmp_path, {"package.json": json.dumps(package), "index.js": ""})
    assert discover(root).settings()["commands"] == {}


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"go.mod": "module x", "a.go": ""}, "go test ./..."),
        ({"Cargo.toml": "", "src/a.rs": ""}, "cargo test"),
        ({"Makefile": "all:\n\ntest: all\n\tx\n", "a.c": ""}, "make test"),
        ({"justfile": "test:\n  x\n", "a.sh": ""}, "just test"),
    ],
)
def test_others(tmp_path: Path, files: dict[str, str], test: str) -> None:
    assert discover(write(tmp_path, files)).settings()["commands"]["test"] == test


def test_an_empty_folder_tells_nothing(tmp_path: Path) -> None:
    found = discover(tmp_path)
    assert found.recipe.settings() == {"commands": {}}
    assert (found.language, found.parts, found.notes, found.files) == ("", (), (), 0)


@pytest.mark.parametrize("broken", ["[project", "\x00\xff", '{"scripts": 5}', "[]"])
def test_broken_files_are_as_good_as_absent(tmp_path: Path, broken: str) -> None:
    for language in ("py", "js"):
        root = write(tmp_path / language, {"pyproject.toml": broken, "package.json": broken, f"a.{language}": ""})
        found = discover(root)
        assert found.language in ("python", "javascript")
        if '"scripts"' not in broken:  # which is a well-formed one that says nothing
            assert any(note.startswith("package.json tells nothing: ") for note in found.notes), found.notes


def test_packages_of_others_do_not_count(tmp_path: Path) -> None:
    files = {f"node_modules/x/{n}.js": "" for n in range(9)} | {f".venv/{n}.rb": "" for n in range(9)} | {"a.py": ""}
    assert discover(write(tmp_path, files)).language == "python"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("till register", "TILL"),
        ("A till", "TILL"),
        ("Ångström café", "ANGSTROM"),
        ("2nd project", "ND"),
        ("日本", "PROJECT"),
        ("x", "PROJECT"),
        ("Infrastructure", "INFRASTR"),
    ],
)
def test_keys(name: str, key: str) -> None:
    assert derive_key(name) == key
    assert KEY.fullmatch(key)


def test_given_settings_win_and_an_empty_command_removes_one() -> None:
    found = {"commands": {"test": "a", "e2e": "b"}, "junit": "j"}
    merged = merge_settings(found, {"commands": {"e2e": ""}, "junit": None})
    assert merged == {"commands": {"test": "a"}, "junit": None}
