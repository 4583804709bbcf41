"""A JUnit report as a TestReport."""

from collections.abc import Iterator
from typing import Any, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import JUnitXmlError

from agent_api.reports.bad_report import BadReport
from services.contract.run_result import TestCase as ReportedCase
from services.contract.run_result import TestReport

LARGEST_BYTES = 20_000_000
_LONGEST_MESSAGE = 4000
_LONGEST_LINE_NUMBER = 9  # digits
_LONGEST_SECONDS = 1e9


def parse(content: bytes) -> TestReport:
    """Every test case of the report, of nested suites too. Raises BadReport."""
    if len(content) > LARGEST_BYTES:
        raise BadReport(f"it is larger than {LARGEST_BYTES} bytes")
    try:
        root = JUnitXml.fromroot(cast("Any", fromstring(content, forbid_dtd=True)))  # typeshed and junitparser differ
        cases = [_reported(case) for case in _cases(root)]
        missing = _missing(root)
    except DefusedXmlException as error:
        raise BadReport("it declares entities or a document type, which no test runner does") from error
    except (JUnitXmlError, ParseError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise BadReport(f"it cannot be parsed ({error})") from error
    if missing:
        raise BadReport(f"it says that {missing} more tests ran than it lists")
    count = {
        outcome: sum(case.outcome == outcome for case in cases) for outcome in ("passed", "failed", "error", "skipped")
    }
    return TestReport(
        passed=count["passed"],
        failed=count["failed"],
        errors=count["error"],
        skipped=count["skipped"],
        seconds=round(sum(case.seconds for case in cases), 6),
        cases=tuple(cases),
    )


def _missing(node: JUnitXml | TestSuite) -> int:
    """How many tests a suite counts beyond those it lists, in itself or in one of its suites."""
    told = str(node._elem.get("tests", "") or "")  # an attribute of both, which one of them makes a number
    beyond = int(told) - sum(1 for _ in _cases(node)) if told.isdecimal() else 0
    return max([0, beyond, *(_missing(child) for child in node if isinstance(child, TestSuite))])


def _cases(node: JUnitXml | TestSuite) -> Iterator[TestCase]:
    for child in node:
        if isinstance(child, TestSuite):
            yield from _cases(child)
        elif isinstance(child, TestCase):
            yield child


def _reported(case: TestCase) -> ReportedCase:
    outcome, message = "passed", ""
    for result in case.result:
        # pytest reports a failure and an error of the same test (in its teardown): the first that is bad counts.
        kind = {Error: "error", Failure: "failed", Skipped: "skipped"}.get(type(result))
        if kind is not None and outcome in ("passed", "skipped"):
            outcome = kind
            message = "\n".join(part for part in (result.message, result.text) if part)[:_LONGEST_MESSAGE]
    attributes = case._elem.attrib  # junitparser has no names for these two
    line = attributes.get("line", "")
    return ReportedCase.model_validate(
        {
            "id": f"{case.classname or ''}::{case.name or ''}",
            "outcome": outcome,
            "seconds": _seconds(case.time),
            "message": message,
            "file": attributes.get("file"),
            "line": int(line) if line.isdecimal() and len(line) <= _LONGEST_LINE_NUMBER else None,
        }
    )


def _seconds(told: float | None) -> float:
    """Nothing hangs on it: a time that none can be is left out, and not the report."""
    return told if told is not None and 0 <= told < _LONGEST_SECONDS else 0.0
