"""Every event that code of ours tells: its kind, what it carries, who tells it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "main-api/main_api")
KIND = re.compile(r"^[a-z_]+\.[a-z_{}]+$")
TELLS = re.compile(r"^((log|events)\.(append|of_run|of_task)|(\w+\.)*(_?tell\w*|_?told))$")
NO_EVENTS = "services/models/"  # its sentences have names of that form, too
ROWS = {"actor", "project_id", "task_id", "run_id", "at"}  # each event has these columns
HEAD = """# Events

An event is an append-only fact, told in the transaction that changes a state. Each has a number `seq` that only grows,
`at`, `actor`, `kind`, and where it belongs there: `project_id`, `task_id`, `run_id`. What a person does also carries
`before` and `after`. Read them by `GET /events`, live by `WS /ws/events`, and as who did what by `GET /history`
([inbox and history](../inbox.md)). A part in braces is chosen while the hub runs, such as a state.

| kind | also carries | told by |
| --- | --- | --- |
"""


@dataclass(frozen=True, order=True)
class Told:
    kind: str
    carries: tuple[str, ...]
    where: str


@cache
def every_event() -> tuple[Told, ...]:
    """Sorted by kind; a part of a kind that is chosen while the hub runs stands in braces."""
    found: dict[str, Told] = {}
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for one in _told_in(path):
            before = found.get(one.kind)
            carries = tuple(sorted({*one.carries, *(before.carries if before else ())}))
            found[one.kind] = Told(one.kind, carries, before.where if before else one.where)
    return tuple(sorted(found.values()))


def is_known(kind: str) -> bool:
    """Whether an event of this kind stands in the reference."""
    patterns = (re.sub(r"\{[a-z_]*\}", "[a-z_]+", one.kind) for one in every_event())
    return any(re.fullmatch(pattern, kind) for pattern in patterns)


def page() -> str:
    rows = [f"| `{one.kind}` | {', '.join(one.carries)} | `{one.where}` |" for one in every_event()]
    return HEAD + "\n".join(rows) + "\n"


def _told_in(path: Path) -> Iterator[Told]:
    where = str(path.relative_to(ROOT))
    if where.startswith(NO_EVENTS):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=func, args=given, keywords=keywords) if TELLS.match(ast.unparse(func)):
                carries = tuple(word.arg for word in keywords if word.arg and word.arg not in ROWS)
            case ast.Assign(targets=[ast.Name(id="kind")], value=value):
                given, carries = [value], ()
            case _:
                continue
        yield from (Told(kind, carries, where) for one in given for kind in _kinds(one))


def _kinds(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if KIND.match(text):
            yield text
        case ast.JoinedStr(values=values):
            text = "".join(_piece(value) for value in values)
            if KIND.match(text):
                yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _kinds(body)
            yield from _kinds(orelse)


def _piece(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    inner = value.value if isinstance(value, ast.FormattedValue) else value
    name = ast.unparse(inner).rpartition(".")[2].strip("()")
    return "{" + (name if name.isidentifier() else "") + "}"
