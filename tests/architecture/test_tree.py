"""What must never be in the tree: registry hosts, secrets, generated files, forgotten folders."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
TOP = {
    "services", "main-api", "agent-api", "docker", "alembic", "workspaces", "static", "tests", "docs", "benchmarks",
    "scripts", "requirements", ".ci", ".github",
}  # fmt: skip
HOSTS = re.compile(r"(pypi|pythonhosted|npmjs|debian)\.(org|com)")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "-C", str(CHECKOUT), "ls-files", "-z"], capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def test_no_registry_is_named_and_nothing_made_is_kept() -> None:
    for name in tracked():
        assert not re.search(r"(^|/)(uv\.lock|\.env)$|\.pyc$|^\.wfhub/|^static/dist/", name), name
        assert not re.match(r"workspaces/(?!\.gitkeep$)", name), name
        text = (CHECKOUT / name).read_text(encoding="utf-8", errors="ignore")
        assert name == "tests/architecture/test_tree.py" or not HOSTS.search(text), name
        assert f"{CHECKOUT}/" not in text, name


def test_no_package_of_the_page_runs_a_script_when_it_is_installed() -> None:
    recipes = [name for name in tracked() if name.startswith(("justfile", "test.sh", "docker/", "scripts/"))]
    said = {name: re.findall(r"\bnpm (?:ci|install)\b.*", (CHECKOUT / name).read_text()) for name in recipes}
    assert [name for name, lines in said.items() for line in lines if "--ignore-scripts" not in line] == []
    assert sum(map(len, said.values())) >= 4


def test_no_folder_at_the_top_without_a_decision() -> None:
    assert {name.split("/")[0] for name in tracked() if "/" in name} <= TOP


def test_modules_hold_one_idea() -> None:
    long = {
        name: lines
        for name in tracked()
        if name.endswith(".py") and not name.startswith(("tests/", "alembic/versions/"))
        and (lines := (CHECKOUT / name).read_text().count("\n")) > 300
    }  # fmt: skip
    assert long == {}
