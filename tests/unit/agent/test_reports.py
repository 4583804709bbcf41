"""Reports that commands leave: whole ones are read, and broken, cut and lying ones do not count."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent_api.executors import junit
from agent_api.reports import coverage_report, lint_output, pictures, sarif_report
from agent_api.reports.agents_reports import NAMES, AgentsReports
from agent_api.reports.bad_report import BadReport
from agent_api.reports.left_files import LeftFiles

COBERTURA = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage lines-valid="3" lines-covered="2" line-rate="0.6667" version="7"><packages><package><classes>
<class name="a.py" filename="a.py"><lines><line number="1" hits="4"/><line number="2" hits="0"/></lines></class>
<class name="b.py" filename="b.py"><lines><line number="1" hits="1"/></lines></class>
</classes></package></packages></coverage>"""
COVERAGE_PY = {
    "meta": {"format": 3},
    "totals": {"covered_lines": 2, "num_statements": 3, "percent_covered": 66.6},
    "files": {"a.py": {"executed_lines": [1, 2], "missing_lines": [4], "excluded_lines": [],
                       "summary": {"covered_lines": 2, "num_statements": 3}}},
}  # fmt: skip
LCOV = "TN:\nSF:a.js\nDA:1,4\nDA:2,0\nLF:2\nLH:1\nend_of_record\nSF:b.js\nDA:1,1,md5\nend_of_record\n"
BOMB = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]>'


@pytest.mark.parametrize(
    ("text", "form"), [(COBERTURA, "cobertura"), (json.dumps(COVERAGE_PY), "coverage.py"), (LCOV, "lcov")]
)
def test_the_three_forms_of_coverage_are_told_apart_and_counted(text: str, form: str) -> None:
    found = coverage_report.parse(text.encode())
    assert (found.lines, found.covered, found.format, found.percent) == (3, 2, form, 66.67)


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "<coverage/>", "<other/>", "{}", "[]", "{" * 2_000, "SF:a.js\nend_of_record\n",
        COBERTURA.replace('lines-covered="2"', 'lines-covered="3"'),
        COBERTURA.replace('hits="0"', 'hits="yes"'),
        COBERTURA[:-40],
        BOMB + COBERTURA.partition("<!DOCTYPE")[2].partition("\n")[2],
        json.dumps({**COVERAGE_PY, "totals": {"covered_lines": 3, "num_statements": 3}}),
        json.dumps({**COVERAGE_PY, "files": {}}),
        json.dumps(COVERAGE_PY).replace('"covered_lines": 2', '"covered_lines": "2"'),
        LCOV.replace("LH:1", "LH:2"), LCOV.replace("DA:2,0", "DA:2,-1"), LCOV.removesuffix("end_of_record\n"),
    ],
)  # fmt: skip
def test_coverage_that_is_broken_cut_or_lies_does_not_count(text: str) -> None:
    with pytest.raises(BadReport):
        coverage_report.parse(text.encode())


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="t" name="{name}">{inside}</testcase>'


def test_junit_that_lists_fewer_tests_than_it_counts_does_not_count() -> None:
    whole = f'<testsuites tests="2"><testsuite name="s" tests="2">{case("a")}{case("b")}</testsuite></testsuites>'
    assert junit.parse(whole.encode()).passed == 2
    for lie in (whole.replace(case("b"), ""), whole.replace('tests="2"><testsuite', 'tests="3"><testsuite')):
        with pytest.raises(BadReport, match="more tests"):
            junit.parse(lie.encode())
    more = f'<testsuite name="s" tests="1">{case("a", "<failure/>")}{case("a", "<error/>")}</testsuite>'
    assert junit.parse(more.encode()).failed == 1, "pytest lists a test that fails twice as two"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_junit_with_entities_does_not_count_in_any_encoding(encoding: str) -> None:
    with pytest.raises(BadReport, match="entities"):
        junit.parse(f'{BOMB}<testsuite tests="1">{case("a")}</testsuite>'.encode(encoding))


def log(*results: dict[str, Any], **run: Any) -> bytes:
    rules = [{"id": "R1", "shortDescription": {"text": "A bad call"}, "properties": {"security-severity": "9.1"}}]
    runs = [{"tool": {"driver": {"name": "semgrep", "rules": rules}}, "results": list(results), **run}]
    return json.dumps({"version": "2.1.0", "runs": runs}).encode()


def result(**more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": "src/a%20b.py"}, "region": {"startLine": 7, "snippet": {"text": "bad()"}}}
    return {"ruleId": "R2", "message": {"text": "said"}, "locations": [{"physicalLocation": place}], **more}


def test_sarif_becomes_findings() -> None:
    found, tools = sarif_report.parse(log(result(), result(ruleId="R1"), result(level="note"), result(kind="pass")))
    assert tools == ("semgrep",)
    assert [(one.rule, one.severity, one.file, one.line) for one in found] == [
        ("R2", "medium", "src/a b.py", 7), ("R1", "critical", "src/a b.py", 7), ("R2", "low", "src/a b.py", 7),
    ]  # fmt: skip
    assert len({one.fingerprint for one in found}) == 3
    moved = result()
    moved["locations"][0]["physicalLocation"]["region"]["startLine"] = 90
    assert sarif_report.parse(log(moved))[0][0].fingerprint == found[0].fingerprint, "lines move"
    outside = result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "file:///etc/passwd"}}}])
    assert sarif_report.parse(log(outside))[0][0].file is None
    suppressed = result(suppressions=[{"kind": "inSource"}])
    assert len(sarif_report.parse(log(suppressed))[0]) == 1, "what is judged may not silence its judge"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", log()[:-9], log().replace(b"2.1.0", b"1.0.0"), log(results=None), log({"ruleId": "R1"}),
     log(*[result()] * 5_001)],
)  # fmt: skip
def test_sarif_that_is_broken_does_not_count(content: bytes) -> None:
    with pytest.raises(BadReport):
        sarif_report.parse(content)


@pytest.mark.parametrize(
    ("output", "problems"),
    [
        ("All checks passed!\n", 0),
        ("a.py:1:1: F401 unused\nb.py:2:80: E501 long\nFound 2 errors.\n", 2),
        ("a.py:3: error: Name [name]\nFound 1 error in 1 file (checked 9 source files)\n", 1),
        ("\x1b[31m✖ 3 problems (2 errors, 1 warning)\x1b[0m\n", 3),
        ("src/a.go:10:2: x declared (typecheck)\n1 issues:\n* typecheck: 1\n", 1),
        ("would reformat a.py\nwould reformat b.py\n", 2),
        ("\xff\x00 nothing", 0),
    ],
)
def test_what_linters_print_is_counted(output: str, problems: int) -> None:
    assert lint_output.count(output.encode("utf-8", "surrogateescape")) == problems


def test_only_whole_pictures_are_pictures() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"x" * 40 + b"IEND\xaeB`\x82"
    assert pictures.media_type(png) == "image/png"
    assert pictures.media_type(png[:-4]) is None
    assert pictures.media_type(b"\xff\xd8\xffabc\xff\xd9") == "image/jpeg"
    assert pictures.media_type(b"RIFF\x08\x00\x00\x00WEBPabcd") == "image/webp"
    assert pictures.media_type(b"<svg onload='alert(1)'/>") is None


def test_only_fresh_files_count_and_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    (tmp_path / "shots" / "old.png").write_bytes(b"old")
    (tmp_path / "shots" / "again.png").write_bytes(b"old")
    (tmp_path / "secret").write_bytes(b"outside")
    left = LeftFiles(tmp_path, ["shots/*.png", "../*", "[", "/etc/*"])
    (tmp_path / "shots" / "again.png").write_bytes(b"fresh")
    (tmp_path / "shots" / "new.png").write_bytes(b"0123456789")
    (tmp_path / "shots" / "link.png").symlink_to(tmp_path / "secret")
    assert list(left.take(10, 4)) == [("shots/again.png", b"fres", 5), ("shots/new.png", b"0123", 10)]
    assert sorted(path.name for path in (tmp_path / "shots").iterdir()) == ["again.png", "link.png", "old.png"]


def test_what_an_agent_reports_counts_against_it_and_only_that(tmp_path: Path) -> None:
    said = AgentsReports(LeftFiles(tmp_path, NAMES))
    bug = {"title": " It leaks ", "severity": "high", "file": "a.py", "line": 3, "steps": "not read"}
    (tmp_path / "bugs.json").write_text(json.dumps({"bugs": [bug]}))
    (tmp_path / "security_report.json").write_text('{"findings": [], "verdict": "all is well"}')
    files, findings, notes = said.take()
    assert [name for name, _ in files] == ["bugs.json", "security_report.json"]
    assert [(one.tool, one.title, one.severity, one.file, one.line) for one in findings] == [
        ("bugs.json", "It leaks", "high", "a.py", 3)
    ]
    assert (notes, list(tmp_path.iterdir())) == ([], []), "they are proofs, and no part of the change"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"verdict": "pass"}', "no list"),
        ('[{"title": "a", "severity": "awful"}]', "finding 1: severity"),
        ('[{"title": "", "severity": "low"}]', "finding 1: title"),
        ('[{"title": "a", "severity": "low", "file": "/etc/passwd"}]', "finding 1: file"),
        ('[{"title": "a", "severity": "low", "line": "3"}]', "finding 1: line"),
        ("[7]", "finding 1: it"),
        (json.dumps([{"title": "a", "severity": "low"}] * 201), "201 findings"),
    ],
)
def test_a_bad_report_of_an_agent_is_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    reports = AgentsReports(LeftFiles(tmp_path, NAMES))
    (tmp_path / "bugs.json").write_text(content)
    _, findings, [note] = reports.take()
    assert findings == []
    assert said in note
