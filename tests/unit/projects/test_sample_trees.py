"""Discovery on small trees of many ecosystems, as their own tools make them; and on trees that mean harm."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.projects import manifest
from services.projects.discovery import Discovery, discover
from services.projects.poetry import requirements_of_poetry
from tests.unit.projects.test_discovery import write


@dataclass(frozen=True)
class Sample:
    """A tree and what is right about it; `test` and `lint` are found within the commands."""

    files: dict[str, str]
    language: str
    managers: tuple[str, ...]
    frameworks: tuple[str, ...]
    test: str | None
    entry: str | None = None
    lint: str | None = None
    setup: str | None = None


def package(**fields: object) -> str:
    return json.dumps({"name": "x", **fields})


POETRY = """
[tool.poetry]
name = "x"
[tool.poetry.dependencies]
python = "^3.11"
django = "^5.0"
httpx = { version = "~0.27", extras = ["http2"] }
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.scripts]
shop = "shop:main"
[tool.black]
"""
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId></parent>
<dependencies><dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId></dependency>
</dependencies></project>"""
CSPROJ = """<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><PackageReference Include="xunit" Version="2"/></ItemGroup>
</Project>"""
SAMPLES: dict[str, Sample] = {
    "python uv": Sample(
        {"pyproject.toml": '[project]\ndependencies=["fastapi"]\n[dependency-groups]\ndev=["pytest"]\n[tool.ruff]\n',
         "uv.lock": "version = 1\n", "src/x/__init__.py": "", "tests/test_x.py": ""},
        "python", ("uv",), ("fastapi", "pytest"), "python -m pytest", None, "ruff check .", "uv sync --quiet --frozen"),
    "python poetry": Sample(
        {"pyproject.toml": POETRY, "poetry.lock": "", "shop.py": ""},
        "python", ("poetry",), ("django", "pytest"), "python -m pytest", "shop", "black --check .",
        "'django>=5.0,<6' 'httpx[http2]>=0.27,<0.28' pytest"),
    "python pip": Sample(
        {"requirements.txt": "flask==3.0\n# a note\n", "app.py": "", "setup.cfg": "[flake8]\nmax-line-length = 100\n"},
        "python", ("pip",), ("flask",), "python -m pytest", "app.py", "flake8", "-r requirements.txt"),
    "python pipenv": Sample(
        {"Pipfile": '[packages]\nrequests = ">=2"\nflask = "*"\n', "run.py": ""},
        "python", ("pipenv",), ("flask",), "python -m pytest", None, None, "'requests>=2' flask"),
    "python setuptools": Sample(
        {"setup.py": "", "setup.cfg": "[options]\ninstall_requires =\n    click>=8\n", "x/__main__.py": ""},
        "python", ("pip",), ("click",), "python -m pytest", "python -m x", None, "'click>=8'"),
    "node npm": Sample(
        {"package.json": package(scripts={"test": "vitest run", "start": "node a.js", "lint": "eslint ."},
                                 devDependencies={"vitest": "4"}), "package-lock.json": "{}", "a.js": ""},
        "javascript", ("npm",), ("vitest",), "npm test", "npm run start", "npm run lint", "npm ci"),
    "node pnpm": Sample(
        {"package.json": package(packageManager="pnpm@9.1.0", devDependencies={"jest": "30", "typescript": "5"}),
         "pnpm-lock.yaml": "", "a.ts": ""},
        "typescript", ("pnpm",), ("jest", "typescript"), "npx jest", None, None, "npx --yes pnpm@9.1.0 install"),
    "node yarn": Sample(
        {"package.json": package(scripts={"test": "mocha"}, dependencies={"express": "5"}), "yarn.lock": "",
         "a.js": ""},
        "javascript", ("yarn",), ("express",), "npm test", None, None, "npx --yes yarn@1 install"),
    "rust": Sample(
        {"Cargo.toml": '[package]\nname="x"\n[dependencies]\naxum = "0.8"\n', "src/main.rs": ""},
        "rust", ("cargo",), ("axum",), "cargo test", "cargo run", "cargo clippy"),
    "go": Sample(
        {"go.mod": "module x\nrequire github.com/gin-gonic/gin v1\n", "cmd/serve/main.go": "", "a_test.go": ""},
        "go", ("go",), ("gin",), "go test ./...", "go run ./cmd/serve", "go vet"),
    "java maven": Sample(
        {"pom.xml": POM, "mvnw": "", "src/main/java/x/ShopApplication.java": ""},
        "java", ("maven",), ("spring-boot", "junit"), "./mvnw -q -B test", "src/main/java/x/ShopApplication.java"),
    "kotlin gradle": Sample(
        {"build.gradle.kts": 'plugins { kotlin("jvm") }', "gradlew": "",
         "src/main/kotlin/A.kt": "", "src/main/kotlin/B.kt": ""},
        "kotlin", ("gradle",), ("kotlin",), "./gradlew test"),
    "ruby": Sample(
        {"Gemfile": 'source "x"\ngem "rails"\ngem "rspec-rails"\ngem "rubocop"\n', "config.ru": "", "app/a.rb": ""},
        "ruby", ("bundler",), ("rails", "rspec-rails"), "bundle exec rspec", "config.ru", "rubocop"),
    "php": Sample(
        {"composer.json": package(require={"laravel/framework": "11"}, **{"require-dev": {"phpunit/phpunit": "11"}}),
         "artisan": "", "app/A.php": ""},
        "php", ("composer",), ("laravel/framework", "phpunit/phpunit"), "vendor/bin/phpunit", "artisan"),
    ".net": Sample(
        {"Shop.sln": "", "Shop/Shop.csproj": CSPROJ, "Shop/A.cs": ""},
        "c#", ("nuget",), ("aspnetcore", "xunit"), "dotnet test Shop.sln", "dotnet run --project Shop/Shop.csproj",
        "dotnet format Shop.sln"),
    "c cmake": Sample(
        {"CMakeLists.txt": "project(x C)\nenable_testing()\nadd_executable(shop main.c)\n", "main.c": ""},
        "c", ("cmake",), (), "ctest --test-dir", "shop"),
    "elixir": Sample(
        {"mix.exs": "defp deps do [{:phoenix, \"~> 1.7\"}, {:credo, \"~> 1\"}] end", "lib/a.ex": ""},
        "elixir", ("mix",), ("phoenix", "credo"), "mix test", "mix phx.server", "mix credo"),
    "ansible": Sample(
        {"ansible.cfg": "", "site.yml": "", "roles/a/tasks/main.yml": "", "requirements.yml": ""},
        "yaml", ("ansible-galaxy",), ("ansible",), None, "site.yml", "ansible-lint"),
    "static page": Sample({"index.html": "", "style.css": ""}, "html", (), (), None, "index.html"),
    "scripts": Sample({"a.py": "", "test_a.py": ""}, "python", (), (), "python -m pytest"),
    "monorepo": Sample(
        {"api/pyproject.toml": '[project]\nname="api"\ndependencies=["fastapi"]\n', "api/main.py": "", "api/b.py": "",
         "web/package.json": package(scripts={"test": "vitest run"}, devDependencies={"vitest": "4", "react": "19"}),
         "web/package-lock.json": "{}", "web/a.ts": ""},
        "python", ("pip", "npm"), ("fastapi", "react", "vitest"),
        "(cd api && python -m pytest -q --junitxml=.workflow/junit.xml) && (cd web && ",
        "api: main.py", None, "(cd api && uv venv"),
    "one part below": Sample(
        {"backend/requirements.txt": "flask\n", "backend/app.py": "", "README.md": ""},
        "python", ("pip",), ("flask",), "cd backend && python -m pytest", "backend: app.py"),
    "a roof over parts": Sample(
        {"Makefile": "test:\n\techo\n", "a/go.mod": "module a", "a/a.go": "", "b/Cargo.toml": "[package]",
         "b/a.rs": "", "c.go": ""},
        "go", ("go", "cargo"), (), "make test"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    found = discover(write(tmp_path, sample.files))
    assert (found.language, found.package_managers) == (sample.language, sample.managers)
    assert found.frameworks == sample.frameworks
    if sample.test is None:
        assert found.recipe.test is None
    else:
        assert sample.test in (found.recipe.test or "")
    assert sample.entry is None or sample.entry in found.entry_points, found.entry_points
    assert sample.lint is None or sample.lint in " ".join(found.recipe.lint), found.recipe.lint
    assert sample.setup is None or sample.setup in (found.recipe.setup or ""), found.recipe.setup
    facts = found.settings()["discovered"]
    assert facts["files"] == len(sample.files) and facts["complete"] and json.dumps(facts)


def test_of_a_monorepo_the_report_lies_in_its_part(tmp_path: Path) -> None:
    recipe = discover(write(tmp_path, SAMPLES["monorepo"].files)).recipe
    assert recipe.junit == "api/.workflow/junit.xml"
    assert recipe.setup_inputs == ("api/pyproject.toml", "web/package.json", "web/package-lock.json")


@pytest.mark.parametrize(
    ("told", "line"),
    [("^1.2.3", "x>=1.2.3,<2"), ("^0.3", "x>=0.3,<0.4"), ("^0.0.3", "x>=0.0.3,<0.0.4"), ("~1.2", "x>=1.2,<1.3"),
     ("~1", "x>=1,<2"), ("1.5", "x==1.5"), (">=2,<3", "x>=2,<3"), ("*", "x"), ("^2.0,!=2.1", "x>=2.0,<3,!=2.1")],
)  # fmt: skip
def test_poetrys_versions(told: str, line: str) -> None:
    assert requirements_of_poetry({"dependencies": {"python": "^3.11", "x": told}}, []) == [line]


def far_away(root: Path) -> None:
    (root.parent / "secret.toml").write_text("[project]\nname='x'\ndependencies=['django']\n")
    (root / "pyproject.toml").symlink_to(root.parent / "secret.toml")
    (root / "out").symlink_to("/", target_is_directory=True)
    (root / "round").symlink_to(root, target_is_directory=True)
    (root / "a.py").touch()


def pipes(root: Path) -> None:
    os.mkfifo(root / "package.json")
    (root / "Cargo.toml").mkdir()
    (root / "a.py").touch()


def giant(root: Path) -> None:
    with (root / "package.json").open("wb") as file:
        file.truncate(manifest.LARGEST * 2000)
    (root / "a.py").touch()


def bombs(root: Path) -> None:
    laughs = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 30)}]" for n in range(1, 10))
    (root / "pubspec.yaml").write_text(f"a0: &a0 [x]\n{laughs}\ndependencies: *a9\n")
    (root / "pom.xml").write_text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>')
    (root / "package.json").write_text("[" * 100_000)
    (root / "pyproject.toml").write_text("x = " + "[" * 100_000)
    (root / "a.py").touch()


def names(root: Path) -> None:
    (root / "a\n[project].py").touch()
    os.close(os.open(os.fsencode(root) + b"/\xff\xfe.py", os.O_CREAT))
    write(root, {"it's; touch x/requirements.txt": "flask\n", "it's; touch x/a.py": ""})


def broken(root: Path) -> None:
    write(root, {"pyproject.toml": "[project", "package.json": '{"scripts": [', "pom.xml": "<a>", "setup.cfg": "x = 1",
                 "a.py": "", "pubspec.yaml": "a: [", "Cargo.toml": "x"})  # fmt: skip


def untrue_tags(root: Path) -> None:
    write(root, {"pubspec.yaml": "a: !!bool maybe\n", "a.py": ""})


def deep(root: Path) -> None:
    (root.joinpath(*["d"] * 100)).mkdir(parents=True)
    (root / "a.py").touch()


HOSTILE: dict[str, tuple[Callable[[Path], None], Callable[[Discovery], bool]]] = {
    "links out": (far_away, lambda found: found.frameworks == () and found.files == 1),
    "no regular files": (pipes, lambda found: found.files == 1),
    "two gigabytes": (giant, lambda found: "larger than" in found.notes[0]),
    "what unfolds": (bombs, lambda found: len(found.notes) >= 4),
    "names": (names, lambda found: "cd 'it'\"'\"'s; touch x' && " in str(found.recipe.test)),
    "broken": (broken, lambda found: len(found.notes) >= 5),
    "untrue tags": (untrue_tags, lambda found: "pubspec.yaml tells nothing" in found.notes[0]),
    "deep": (deep, lambda found: found.files == 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_trees(name: str, tmp_path: Path) -> None:
    build, holds = HOSTILE[name]
    root = tmp_path / "root"
    root.mkdir()
    build(root)
    begun = time.process_time()
    found = discover(root)
    assert found.language == "python" and holds(found), found
    assert time.process_time() - begun < 2
    assert json.dumps(found.settings()).encode()


def test_a_million_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As few as the bound allows stand for them; what lies at the root is looked at first."""
    write(tmp_path, {"pyproject.toml": "[project]\nname='x'\ndependencies=['django']\n", "a.py": "", "many/x": ""})
    listed = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or real(path))
    for number in range(60):
        write(tmp_path, {f"many/{number % 7}/{number}.py": ""})
    listed.clear()
    found = discover(tmp_path, most=10)
    assert found.frameworks == ("django",) and found.cut and found.files < 10 and len(listed) < 9
    assert any("Only the first 10 names" in note for note in found.notes)
