"""What a Python test file checks: each test with how many checks can fail, and the marks that keep it from running."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CHECKING = ("assert", "expect", "raises", "warns", "fail", "verify", "check", "should")
_SILENCING = frozenset(
    {"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "importorskip"}
)
_SWALLOWING = frozenset({"AssertionError", "Exception", "BaseException"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Shape:
    """One test. `checks` counts what can make it fail; `marks` are the words that skip it or excuse its failure."""

    checks: int
    marks: frozenset[str]
    line: int


def shapes(text: str) -> dict[str, Shape] | None:
    """Each test of the file by its name (`TestClass.test_name` within a class); None for what is no Python."""
    try:
        module = ast.parse(text)
        return dict(_tests(module.body, "", _module_marks(module.body)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def hooks(text: str) -> dict[str, str]:
    """What of a conftest can change which tests run or what they say: its hooks and collection names, each as code."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"the file": text}
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, _Function) and node.name.startswith("pytest_"):
            found[node.name] = ast.dump(node)
        else:
            for name in _assigned(node):
                if name.startswith("collect_ignore") or name == "pytest_plugins":
                    found[name] = ast.dump(node)
    return found


def _tests(body: Sequence[ast.stmt], within: str, marks: frozenset[str]) -> Iterator[tuple[str, Shape]]:
    for node in body:
        if isinstance(node, _Function) and node.name.startswith("test"):
            own = marks | _marks(node.decorator_list) | _said_at_once(node.body)
            yield f"{within}{node.name}", Shape(_checks(node.body), own, node.lineno)
        elif isinstance(node, ast.ClassDef):
            own = marks | _marks(node.decorator_list) | _module_marks(node.body)
            yield from _tests(node.body, f"{within}{node.name}.", own)
        elif isinstance(node, ast.If | ast.Try):
            yield from _tests([*node.body, *node.orelse], within, marks)


def _module_marks(body: Sequence[ast.stmt]) -> frozenset[str]:
    """`pytestmark = ...`, `__test__ = False`, and a skip of the whole module."""
    marks: set[str] = set(_said_at_once(body))
    for node in body:
        value = getattr(node, "value", None)
        if value is None:
            continue
        for name in _assigned(node):
            if name == "pytestmark":
                marks |= _marks(value.elts if isinstance(value, ast.List | ast.Tuple) else [value])
            elif name == "__test__" and isinstance(value, ast.Constant) and not value.value:
                marks.add("__test__ = False")
    return frozenset(marks)


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _marks(decorators: Sequence[ast.expr]) -> frozenset[str]:
    names = (_name(mark.func if isinstance(mark, ast.Call) else mark) for mark in decorators)
    return frozenset(name for name in names if name in _SILENCING)


def _said_at_once(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Calls like `pytest.skip()` that no condition stands before."""
    calls = (node.value for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    return frozenset(name for name in map(_name, (call.func for call in calls)) if name in _SILENCING)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _checks(body: Sequence[ast.stmt]) -> int:
    """Checks that are reached and whose failure is not swallowed."""
    count = 0
    for node in body:
        if isinstance(node, ast.Return | ast.Continue | ast.Break):
            return count + _in_expressions(node)
        if isinstance(node, ast.Assert):
            count += not _is_always_true(node.test)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Constant):
            count += _checks(node.body if node.test.value else node.orelse)
        elif isinstance(node, ast.Try):
            count += 0 if any(map(_swallows, node.handlers)) else _checks(node.body)
            count += sum(_checks(handler.body) for handler in node.handlers)
            count += _checks(node.orelse) + _checks(node.finalbody)
        else:
            blocks = [value for field in ("body", "orelse") if isinstance(value := getattr(node, field, None), list)]
            count += sum(map(_checks, blocks))
            cases: list[ast.match_case] = getattr(node, "cases", [])
            count += sum(_checks(case.body) for case in cases) + _in_expressions(node)
    return count


def _in_expressions(node: ast.stmt) -> int:
    """Calls of checking names in the statement's own expressions: `raises(...)`, `self.assertEqual(...)`."""
    own = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.withitem)]
    calls = (inner for child in own for inner in ast.walk(child) if isinstance(inner, ast.Call))
    return sum(_name(call.func).lower().lstrip("_").startswith(_CHECKING) for call in calls)


def _swallows(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    wide = any(kind is None or _name(kind) in _SWALLOWING for kind in caught)
    inner = (one for node in handler.body for one in ast.walk(node))
    return wide and not any(isinstance(one, ast.Raise | ast.Assert) for one in inner)


def _is_always_true(test: ast.expr) -> bool:
    """`assert True`, `assert 1`, `assert x == x`, `assert (x, "said")`, `assert x or True`."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements):
            return bool(elements)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_is_always_true, values))
        case ast.BoolOp(values=values):
            return all(map(_is_always_true, values))
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            return ast.dump(left) == ast.dump(right)
        case _:
            return False
