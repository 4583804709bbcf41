"""Reads the files in which projects tell about themselves: only regular ones, bounded, by the standard parsers."""

import configparser
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from services.files.regular import read_regular
from services.projects.survey import Survey

LARGEST = 1_000_000  # bytes: a manifest that people wrote is smaller by far


class Manifests:
    """Of one folder. What can't be read counts as absent, and a note says why."""

    def __init__(self, found: Survey) -> None:
        self.found, self.root = found, found.root
        self._top = {path for path in found.paths if "/" not in path}

    def has(self, *names: str) -> bool:
        return any(name in self._top for name in names)

    def first(self, *names: str) -> str | None:
        """The first of these that is there."""
        return next((name for name in names if name in self._top), None)

    def text(self, name: str) -> str:
        if name not in self.found.paths:
            return ""
        try:
            return _read(self.root / name)
        except (OSError, ValueError) as error:
            self._note(name, getattr(error, "strerror", None) or str(error))
            return ""

    def toml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, tomllib.loads)

    def json(self, name: str) -> dict[str, Any]:
        return self._parsed(name, json.loads)

    def yaml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, _yaml)

    def ini(self, name: str) -> dict[str, Any]:
        return self._parsed(name, _ini)

    def xml(self, name: str) -> ElementTree.Element | None:
        """Without a document type: what entities unfold to has no bound."""
        text = self.text(name)
        if not text:
            return None
        try:
            if "<!DOCTYPE" in text or "<!ENTITY" in text:
                raise ValueError("it has a document type, which is not read")
            return ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError) as error:
            self._note(name, str(error))
            return None

    def _parsed(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        text = self.text(name)
        if not text.strip():
            return {}
        try:
            loaded = parse(text)
        except (ValueError, yaml.YAMLError, configparser.Error, RecursionError) as error:
            self._note(name, " ".join(str(error).split())[:200] or type(error).__name__)
            return {}
        if not isinstance(loaded, dict):
            self._note(name, "it holds no table of names and values")
            return {}
        return loaded

    def _note(self, name: str, why: str) -> None:
        self.found.notes.append(f"{name} tells nothing: {why}.".replace("..", "."))


def table(document: Any, *path: str) -> dict[str, Any]:
    """The table at this place; an empty one where there is none, or something else."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def strings(document: Any, *path: str) -> dict[str, str]:
    """Those entries of a table whose values are text."""
    return {name: value for name, value in table(document, *path).items() if isinstance(value, str)}


def texts(value: Any) -> list[str]:
    """Those members of a list that are text."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _read(path: Path) -> str:
    content = read_regular(path, LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    if b"\0" in content:
        raise ValueError("it is no text")
    return content.decode("utf-8-sig", errors="replace")


def _yaml(text: str) -> Any:
    if text.count("*") > 200 and text.count("&") > 5:  # references to references unfold to more than a machine has
        raise ValueError("it refers to itself too often")
    try:
        return yaml.safe_load(text)
    except (LookupError, AttributeError, OverflowError) as error:  # PyYAML stumbles over `!!bool maybe`
        raise ValueError("a value is not of the kind that its tag names") from error


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.read_string(text)
    return {section: dict(parser.items(section)) for section in parser.sections()}
