"""Findings as SARIF 2.1.0 (OASIS), the form that editors and code hosts read."""

from collections.abc import Iterable
from typing import Any, Protocol

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MEDIA_TYPE = "application/sarif+json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}  # `security-severity`, as CVSS cuts it


class Found(Protocol):
    """What SARIF tells of a finding; reported ones and rows have it alike."""

    @property
    def tool(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def fingerprint(self) -> str: ...


def as_sarif(findings: Iterable[Found], *, base: Iterable[str] = (), waived: Iterable[str] = ()) -> dict[str, Any]:
    """One SARIF run for each tool. `base` are fingerprints that the merge base has, `waived` those a person let be."""
    by_tool: dict[str, list[Found]] = {}
    for finding in findings:
        by_tool.setdefault(finding.tool, []).append(finding)
    old, let_be = frozenset(base), frozenset(waived)
    runs = [_run(tool, found, old, let_be) for tool, found in sorted(by_tool.items())]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _run(tool: str, findings: list[Found], old: frozenset[str], waived: frozenset[str]) -> dict[str, Any]:
    names = sorted({finding.rule for finding in findings})
    rules = [{"id": name, "shortDescription": {"text": name}} for name in names]
    return {
        "tool": {"driver": {"name": tool, "informationUri": "https://wfhub.localhost", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, names.index(one.rule), old, waived) for one in findings],
    }


def _result(finding: Found, rule: int, old: frozenset[str], waived: frozenset[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(part for part in (finding.title, finding.message) if part)},
        "partialFingerprints": {"wfhub/v1": finding.fingerprint},
        "properties": {"severity": finding.severity, "security-severity": _SCORES[finding.severity]},
        "baselineState": "unchanged" if finding.fingerprint in old else "new",
    }
    if finding.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": finding.file}}
        if finding.line:
            place["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": place}]
    if finding.fingerprint in waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result
