"""A coverage report as a Coverage: Cobertura's XML, coverage.py's JSON, lcov's text; told by its content.

What the report sums up is counted again from its own lines, and a report that contradicts itself does not count.
"""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_api.reports.bad_report import BadReport
from services.contract.coverage import Coverage

LARGEST_BYTES = 50_000_000


def parse(content: bytes) -> Coverage:
    """The lines that a report counts, and how many of them ran. Raises BadReport."""
    if len(content) > LARGEST_BYTES:
        raise BadReport(f"it is larger than {LARGEST_BYTES} bytes")
    head = content.lstrip()[:200]
    if not head:
        raise BadReport("it is empty")
    if head.startswith((b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")):
        return _cobertura(content)
    return _coverage_py(content) if head.startswith(b"{") else _lcov(content)


def _cobertura(content: bytes) -> Coverage:
    """https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd; a DTD may be named, never defined."""
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadReport(f"it cannot be parsed ({type(error).__name__}: {error})") from error
    if root.tag != "coverage":
        raise BadReport(f"it is <{root.tag[:40]}>, not <coverage>")
    lines: dict[tuple[str, str], bool] = {}
    every: list[bool] = []  # some tools list, and count, a line once for each class it is in
    for one in root.iter("class"):
        name = one.get("filename", one.get("name", ""))
        for line in one.iterfind("lines/line"):
            hit = _count(line.get("hits"), "hits") > 0
            key = (name, line.get("number", ""))
            lines[key] = lines.get(key, False) or hit
            every.append(hit)
    counts = [(len(lines), sum(lines.values())), (len(every), sum(every))]
    if (valid := root.get("lines-valid")) is not None:
        told = _count(valid, "lines-valid"), _count(root.get("lines-covered"), "lines-covered")
        if told not in counts:
            raise BadReport(f"it says {told[1]} of {told[0]} lines, and lists {counts[0][1]} of {counts[0][0]}")
    return _whole(*counts[0], "cobertura")


class _Numbers(BaseModel):
    model_config = ConfigDict(strict=True)

    covered_lines: int = Field(ge=0)
    num_statements: int = Field(ge=0)


class _File(BaseModel):
    summary: _Numbers
    executed_lines: list[int]
    missing_lines: list[int]


class _Json(BaseModel):
    """https://coverage.readthedocs.io/en/latest/commands/cmd_json.html"""

    totals: _Numbers
    files: dict[str, _File]


def _coverage_py(content: bytes) -> Coverage:
    try:
        report = _Json.model_validate(json.loads(content))
    except (ValueError, ValidationError, RecursionError) as error:
        raise BadReport(f"it is no report of coverage.py ({str(error).splitlines()[0][:120]})") from error
    covered = sum(len(set(file.executed_lines)) for file in report.files.values())
    lines = covered + sum(len(set(file.missing_lines)) for file in report.files.values())
    told = report.totals
    if (told.covered_lines, told.num_statements) != (covered, lines):
        raise BadReport(f"it says {told.covered_lines} of {told.num_statements} lines, and lists {covered} of {lines}")
    return _whole(lines, covered, "coverage.py")


def _lcov(content: bytes) -> Coverage:
    """`geninfo(1)`: DA:<line>,<hits> within SF … end_of_record, summed up as LF and LH."""
    lines = covered = 0
    for record in _records(content):
        found = {number: hits > 0 for number, hits in record["DA"]}
        hit = sum(found.values())
        for name, count in (("LF", len(found)), ("LH", hit)):
            if record[name] is not None and record[name] != count:
                raise BadReport(f"it says {name}:{record[name]} of a file, and lists {count}")
        lines, covered = lines + len(found), covered + hit
    return _whole(lines, covered, "lcov")


def _records(content: bytes) -> Iterator[dict[str, Any]]:
    record: dict[str, Any] | None = None
    for raw in content.decode("utf-8", "replace").splitlines():
        kind, _, rest = raw.strip().partition(":")
        if kind == "SF":
            record = {"DA": [], "LF": None, "LH": None}
        elif kind == "DA" and record is not None:
            number, _, hits = rest.partition(",")
            record["DA"].append((_count(number, "DA"), _count(hits.partition(",")[0], "DA")))
        elif kind in ("LF", "LH") and record is not None:
            record[kind] = _count(rest, kind)
        elif kind == "end_of_record" and record is not None:
            yield record
            record = None
    if record is not None:
        raise BadReport("it is cut off: its last record has no end")


def _count(text: str | None, name: str) -> int:
    told = (text or "").strip()
    if not told.isascii() or not told.isdigit():
        raise BadReport(f"{name} is {text!r}, not a count")
    return int(told[:18])


def _whole(lines: int, covered: int, form: str) -> Coverage:
    if not lines:
        raise BadReport("it lists no line of code")
    return Coverage(lines=lines, covered=covered, format=form)
