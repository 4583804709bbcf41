"""What a change did to the settings that decide which tests run: a narrower selection passes more easily."""

import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, cast

from services.domain.test_files import MANIFESTS, is_test_setting
from services.reviews.python_tests import hooks
from services.reviews.weakened import Texts, Weakening

_SECTIONS = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}
_KEYS = ("testpaths", "python_files", "python_classes", "python_functions", "norecursedirs", "collect_imported_tests",
         "xfail_strict", "confcutdir")  # fmt: skip
_OPTIONS = re.compile(
    r"^(-k|-m|-x|-p|-c|-o|--ignore|--ignore-glob|--deselect|--co|--collect-only|--lf|--last-failed|--nf|--sw|--stepwise"
    r"|--maxfail|--exitfirst|--noconftest|--rootdir|--confcutdir|--override-ini|--junit-?xml|--runxfail|--pyargs"
    r"|--continue-on-collection-errors|--suppress-no-test-exit-code)(=.*|\d.*)?$"
)
_RUNNERS = {"make": ("Makefile", "makefile", "GNUmakefile"), "just": ("justfile", "Justfile", ".justfile"),
            "tox": ("tox.ini",), "nox": ("noxfile.py",), "task": ("Taskfile.yml", "Taskfile.yaml")}  # fmt: skip
EDITED = ", and the change edits it"


def narrowed(before: Texts, after: Texts, command: str) -> list[Weakening]:
    """Of a project that had tests: what in its settings now picks fewer of them, or changes what they say.

    `command` is the project's test command. Settings that come with the change are looked at too: a new conftest.py
    can silence tests as well as an old one.
    """
    found: list[Weakening] = []
    for path in after:
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        name = PurePosixPath(path).name
        if name == "conftest.py":
            found += _conftest(path, old or "", new or "")
        if name in _SECTIONS or name == "pyproject.toml":
            found += _pytest(path, _pytest_options(name, old), _pytest_options(name, new))
        if name == "package.json":
            found += _package(path, old, new)
        if old is not None and path in _run_by(command):
            found.append(Weakening("runner", path, "", f"the test command runs it{EDITED}", "medium"))
        elif old is not None and is_test_setting(path) and name not in (*_SECTIONS, "conftest.py"):
            found.append(Weakening("settings", path, "", f"it decides which tests run{EDITED}", "medium"))
    return found


def is_looked_at(path: str, command: str) -> bool:
    """Whether `narrowed` has something to say of this path."""
    return is_test_setting(path) or PurePosixPath(path).name in MANIFESTS or path in _run_by(command)


def _run_by(command: str) -> frozenset[str]:
    """Files that a shell command names, and those its runner reads."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    files = {word.removeprefix("./") for word in words if "/" in word or "." in word}
    return frozenset(files.union(*(names for runner, names in _RUNNERS.items() if runner in words)))


def _conftest(path: str, old: str, new: str) -> Iterator[Weakening]:
    before, after = hooks(old), hooks(new)
    for name, code in after.items():
        if before.get(name) != code:
            word = "changed" if name in before else "new"
            yield Weakening("hook", path, name, f"it is {word}, and can change which tests run or what they report")


def _pytest_options(name: str, text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        if name == "pyproject.toml":
            tool: Any = tomllib.loads(text).get("tool", {})
            return dict(tool.get("pytest", {}).get("ini_options", {}))
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(text)
        return dict(parser.items(_SECTIONS[name])) if parser.has_section(_SECTIONS[name]) else {}
    except (tomllib.TOMLDecodeError, configparser.Error, AttributeError, ValueError, TypeError):
        return {}  # the runner will say so itself


def _pytest(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Weakening]:
    for key in _KEYS:
        if before.get(key) != after.get(key):
            yield Weakening(
                "selection", path, key, f"it was {_told(before.get(key))} and is {_told(after.get(key))} now"
            )
    added = [word for word in _words(after) if word not in _words(before)]
    if narrow := [word for word in added if _OPTIONS.match(word)]:
        yield Weakening("selection", path, "addopts", f"the change adds {' '.join(narrow)}")


def _told(value: Any) -> str:
    return "not set" if value is None else repr(value)[:100]


def _words(options: dict[str, Any]) -> list[str]:
    given = options.get("addopts", "")
    if isinstance(given, list):
        return [str(word) for word in cast("list[object]", given)]
    try:
        return shlex.split(str(given))
    except ValueError:
        return str(given).split()


def _package(path: str, old: str | None, new: str | None) -> Iterator[Weakening]:
    before, after = _manifest(old), _manifest(new)
    for name, script in before["scripts"].items():
        if re.match(r"(pre|post)?test", name) and after["scripts"].get(name) != script:
            said = f"it was {_told(script)} and is {_told(after['scripts'].get(name))} now"
            yield Weakening("runner", path, f"scripts.{name}", said)
    for name in ("jest", "mocha", "ava", "vitest"):
        if before["whole"].get(name) != after["whole"].get(name):
            yield Weakening("selection", path, name, "the change edits which tests it runs, or how")


def _manifest(text: str | None) -> dict[str, dict[str, Any]]:
    try:
        whole = json.loads(text or "{}")
    except ValueError:
        whole = {}
    whole = cast("dict[str, Any]", whole) if isinstance(whole, dict) else {}
    scripts = whole.get("scripts")
    return {"whole": whole, "scripts": cast("dict[str, Any]", scripts) if isinstance(scripts, dict) else {}}
