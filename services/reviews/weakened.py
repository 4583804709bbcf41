"""What a change did to tests that were there: emptied, silenced, fewer checks; and which tests check nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.contract.run_result import Severity
from services.domain.test_files import is_test
from services.reviews.python_tests import Shape, shapes

Texts = Mapping[str, str | None]  # a file's text by its path; None where it is not there
_COMMENTS = re.compile(r"/\*.*?\*/|^\s*(//|#(?!\[)).*?$|(?<=[\s;])//.*?$", re.DOTALL | re.MULTILINE)
_SKIPS = re.compile(
    r"\b(describe|it|test|context|suite|Scenario)\.(skip|todo|only|failing|fixme)\b|\b[xf](it|describe|test|context)\s*\("
    r"|@(Disabled|Ignore|Ignored)\b|\[(Ignore|Skip)|Skip\s*=\s*\"|#\[ignore|\b[tb]\.Skip(f|Now)?\(|\bmarkTestSkipped\("
    r"|^\s*(pending|skip)\b|\bXCTSkip"
)
_CHECKS = re.compile(r"\b(expect|assert\w*!?|should|verify|require)\b|\bt\.(Error|Fatal|Fail)\w*\(|\bXCTAssert", re.I)


@dataclass(frozen=True)
class Weakening:
    """`test` names it as a person would look for it; empty where a whole file is meant."""

    rule: str
    path: str
    test: str
    said: str
    severity: Severity = "high"
    line: int | None = None


def weakened(before: Texts, after: Texts) -> list[Weakening]:
    """What a change did to the tests that both sides have. Tests that are gone are told by the reports, not here."""
    found: list[Weakening] = []
    for path, old in before.items():
        new = after.get(path)
        if old is None or new is None or old == new or not is_test(path):
            continue
        found += _in_python(path, old, new) if path.endswith(".py") else _in_text(path, old, new)
    return found


def hollow(after: Texts) -> frozenset[str]:
    """Ids (`classname::name`) of the Python tests that no fault could make fail. They prove nothing."""
    ids: set[str] = set()
    for path, text in after.items():
        if text is None or not path.endswith(".py") or not is_test(path):
            continue
        module = ".".join(PurePosixPath(path).with_suffix("").parts)
        for name, shape in (shapes(text) or {}).items():
            if not shape.checks:
                *within, test = name.split(".")
                ids.add(f"{'.'.join((module, *within))}::{test}")
    return frozenset(ids)


def is_hollow(test_id: str, ids: frozenset[str]) -> bool:
    """Whether a report's test is one of these. A runner may name modules from a folder below or above the root."""
    named = test_id.partition("[")[0]
    return any(named == one or one.endswith(f".{named}") or named.endswith(f".{one}") for one in ids)


def _in_python(path: str, old: str, new: str) -> Iterator[Weakening]:
    before, after = shapes(old), shapes(new)
    if before is None:
        return
    if after is None:
        yield Weakening("unreadable", path, "", "it was Python before the change and cannot be parsed any more")
        return
    for name, was in before.items():
        if (now := after.get(name)) is not None:
            yield from _compared(path, name, was, now)


def _compared(path: str, name: str, was: Shape, now: Shape) -> Iterator[Weakening]:
    if added := sorted(now.marks - was.marks):
        yield Weakening("silenced", path, name, f"it is marked {', '.join(added)} now", line=now.line)
    if was.checks and not now.checks:
        yield Weakening("emptied", path, name, "nothing in it can fail any more", line=now.line)
    elif now.checks < was.checks:
        said = f"it had {was.checks} checks before the change and has {now.checks} now"
        yield Weakening("fewer-checks", path, name, said, "medium", now.line)


def _in_text(path: str, old: str, new: str) -> Iterator[Weakening]:
    """Other languages, by the words of their test runners, comments aside."""
    before, after = _COMMENTS.sub("", old), _COMMENTS.sub("", new)
    silent = len(_SKIPS.findall(after)) - len(_SKIPS.findall(before))
    if silent > 0:
        yield Weakening("silenced", path, "", f"{silent} of its tests are skipped, or keep others from running, now")
    had, has = len(_CHECKS.findall(before)), len(_CHECKS.findall(after))
    if had and not has:
        yield Weakening("emptied", path, "", "nothing in it can fail any more")
    elif has < had:
        yield Weakening("fewer-checks", path, "", f"it had {had} checks before the change and has {has} now", "medium")
