"""A YAML text as plain values, each with the line it stands on; bounded before anything is built of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as quick
PLAIN = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
MAX_DEPTH = 20
MAX_VALUES = 10_000  # with every alias counted as often as it is used


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with the text. Lines and columns count from 1."""

    line: int
    column: int
    sentence: str


@dataclass(frozen=True)
class Placed:
    """`value` is None where there are faults. `places` has the line and column of each value and of each key."""

    value: Any
    places: Mapping[Path, tuple[int, int]]
    faults: tuple[Fault, ...] = ()

    def place(self, path: Path) -> tuple[int, int]:
        """Of the value, else of the nearest thing around it that the text has."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _Refused(Exception):
    def __init__(self, mark: Any, sentence: str) -> None:
        super().__init__(sentence)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self.fault = Fault(line, column, sentence)


def read_placed(text: str) -> Placed:
    """Never raises for what a text holds: what is wrong is told in `faults`."""
    try:
        _bound(text)
        loader = LOADER(text)
        try:
            reader = _Reader(loader)
            root = loader.get_single_node()
            value = None if root is None else reader.read(root, ())
        finally:
            loader.dispose()
    except _Refused as refused:
        return Placed(None, {}, (refused.fault,))
    except UnicodeEncodeError as error:  # half of a surrogate pair: libyaml reads bytes
        line = text.count("\n", 0, error.start) + 1
        return Placed(None, {}, (Fault(line, 1, "it holds half of a character, which no file can"),))
    except yaml.MarkedYAMLError as error:
        return Placed(None, {}, (_syntax(text, error),))
    except yaml.YAMLError:
        return Placed(None, {}, (_unprintable(text),))
    if reader.faults:
        return Placed(None, reader.places, tuple(reader.faults))
    return Placed(value, reader.places)


def _bound(text: str) -> None:
    """Depth is looked at in the stream of events, before a deep text can exhaust who builds it."""
    depth = 0
    loader = LOADER(text)
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _Refused(event.start_mark, f"values are nested more than {MAX_DEPTH} deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    finally:
        loader.dispose()


class _Reader:
    """Builds the values of one document."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.places: dict[Path, tuple[int, int]] = {}
        self.faults: list[Fault] = []
        self._count = 0
        self._around: set[int] = set()

    def read(self, node: Any, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _Refused(node.start_mark, f"the text comes to more than {MAX_VALUES:,} values, aliases counted")
        if id(node) in self._around:
            raise _Refused(node.start_mark, "an alias stands for something that holds it")
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in PLAIN:
            raise _Refused(node.start_mark, f"`{node.tag}` is not read: write plain values")
        self._around.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*path, number)) for number, item in enumerate(node.value)]
            return dict(self._pairs(node, path))
        finally:
            self._around.discard(id(node))

    def _pairs(self, node: Any, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise _Refused(mark, "`<<` is not read: write the fields out")
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                raise _Refused(mark, "a field's name must be a text; put it in quotes")
            if key in seen:
                self._fault(mark, f"`{key}` stands here twice, first on line {seen[key]}")
            seen[key] = mark.line + 1
            self.places[(*path, key)] = (mark.line + 1, mark.column + 1)
            yield key, self.read(value_node, (*path, key))

    def _scalar(self, node: Any) -> Any:
        try:
            return self.loader.construct_object(node)
        except yaml.constructor.ConstructorError:
            raise _Refused(node.start_mark, f"`{node.tag}` is not read: write plain values") from None
        except (ValueError, OverflowError) as error:  # a date such as 2026-13-45
            raise _Refused(node.start_mark, f"`{node.value}` can't be read: {error}") from None
        except (LookupError, AttributeError):  # PyYAML stumbles over `!!bool maybe` and an empty `!!int`
            raise _Refused(node.start_mark, f"`{node.value}` is no value of `{node.tag}`") from None

    def _fault(self, mark: Any, sentence: str) -> None:
        self.faults.append(Fault(mark.line + 1, mark.column + 1, sentence))


def _syntax(text: str, error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    if line > max(1, len(lines)):  # it ends in the middle: told where it ends, on a line that there is
        line, column = max(1, len(lines)), len(lines[-1]) + 1 if lines else 1
    if line <= len(lines) and lines[line - 1][column - 1 : column] == "\t":
        return Fault(line, column, "a tab stands here: indent with spaces")
    problem = error.problem or "it can't be read"
    context = f" ({error.context})" if error.context else ""
    return Fault(line, column, f"this is no YAML: {problem}{context}")


def _unprintable(text: str) -> Fault:
    """The reader's own refusal tells no line."""
    for number, line in enumerate(text.split("\n"), start=1):
        for column, char in enumerate(line, start=1):
            if not (char.isprintable() or char in "\t\r\ufeff\u0085\u2028\u2029"):
                return Fault(number, column, f"the character U+{ord(char):04X} may not stand in YAML")
    return Fault(1, 1, "the text can't be read as YAML")
