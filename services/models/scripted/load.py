"""Reads a scenario file; what is wrong with it is told with the file and the line."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.models.scripted.errors import ScenarioInvalid
from services.models.scripted.rules import Rule, Scenario


def load_scenario(path: Path) -> Scenario:
    """The checked scenario with the contents of `files_from` read. Raises ScenarioInvalid."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioInvalid(f"The scenario {path} can't be read: {error}.", "Name a YAML file.") from error
    root = _compose(path, text)
    try:
        scenario = Scenario.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise _invalid(path, _line(root, first["loc"]), f"{where}: {message}" if where else message) from error
    except yaml.YAMLError as error:  # what composes may still not construct: an unknown tag
        raise _invalid(path, _mark_line(error), str(getattr(error, "problem", error))) from error
    except (ValueError, RecursionError, OverflowError) as error:  # an impossible date, a number of thousands of digits
        raise _invalid(path, 1, str(error)) from error
    except (LookupError, AttributeError) as error:  # PyYAML stumbles over `!!bool maybe` and an empty `!!int`
        raise _invalid(path, 1, f"a value is not of the kind that its tag names: {error}") from error
    rules = [_with_files(path, root, index, rule) for index, rule in enumerate(scenario.rules)]
    return scenario.model_copy(update={"rules": rules, "name": scenario.name or path.stem})


def _compose(path: Path, text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _invalid(path, _mark_line(error), f"not YAML: {getattr(error, 'problem', error)}") from error
    except RecursionError as error:
        raise _invalid(path, 1, "values are nested too deep") from error
    if root is None:
        raise _invalid(path, 1, "the file is empty")
    _refuse_keys_written_twice(path, root)
    return root


def _refuse_keys_written_twice(path: Path, root: yaml.Node) -> None:
    waiting, looked_at = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in looked_at:  # an alias leads to a node again
            continue
        looked_at.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            keys = set[str]()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    raise _invalid(path, key.start_mark.line + 1, f"{key.value} is written twice")
                keys.add(str(key.value))
                waiting.append(value)


def _with_files(path: Path, root: yaml.Node, index: int, rule: Rule) -> Rule:
    if not rule.files_from:
        return rule
    files = dict(rule.files)
    folder = path.parent.resolve()
    for target, source in rule.files_from.items():
        line = _line(root, ("rules", index, "files_from", target))
        place = (folder / source).resolve()
        if not place.is_relative_to(folder):
            raise _invalid(path, line, f"{source} lies outside the scenario's folder")
        try:
            files[target] = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _invalid(path, line, f"{source} can't be read: {error}") from error
    return rule.model_copy(update={"files": files})


def _line(root: yaml.Node, place: tuple[int | str, ...]) -> int:
    """The line of the deepest part of `place` that the file has."""
    node, line = root, root.start_mark.line + 1
    for part in place:
        child: Any = None
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    child = value
                    line = key.start_mark.line + 1
        if child is None:
            return line
        node = child
    return line


def _mark_line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _invalid(path: Path, line: int, what: str) -> ScenarioInvalid:
    return ScenarioInvalid(
        f"{path}, line {line}: {what.rstrip('.')}.",
        "docs/scripted-model.md describes the format.",
        file=str(path),
        line=line,
    )
