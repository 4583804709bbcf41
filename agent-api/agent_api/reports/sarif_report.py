"""A SARIF 2.1.0 log as findings: any tool's, as far as OASIS's standard says how to read it."""

import hashlib
import json
import posixpath
from collections import Counter
from typing import Any
from urllib.parse import unquote, urlparse

from pydantic import BaseModel, Field, ValidationError

from agent_api.reports.bad_report import BadReport
from services.contract.run_result import ReportedFinding, Severity

LARGEST_BYTES = 20_000_000
MOST_RESULTS = 5_000
_LEVELS: dict[str, Severity] = {"error": "high", "warning": "medium", "note": "low"}


class _Lenient(BaseModel):
    """Names that SARIF has and we do not read are let be; those we read have their types."""


class _Text(_Lenient):
    text: str = ""
    id: str = ""


class _Rule(_Lenient):
    id: str
    shortDescription: _Text = _Text()  # noqa: N815 - SARIF's own name
    defaultConfiguration: dict[str, Any] = Field(default_factory=dict)  # noqa: N815
    properties: dict[str, Any] = Field(default_factory=dict)


class _Driver(_Lenient):
    name: str = Field(min_length=1, max_length=200)
    rules: list[_Rule] = Field(default_factory=list)


class _Tool(_Lenient):
    driver: _Driver


class _Artifact(_Lenient):
    uri: str = ""


class _Region(_Lenient):
    startLine: int | None = Field(default=None, ge=1)  # noqa: N815
    snippet: _Text = _Text()


class _Physical(_Lenient):
    artifactLocation: _Artifact = _Artifact()  # noqa: N815
    region: _Region = _Region()


class _Location(_Lenient):
    physicalLocation: _Physical = _Physical()  # noqa: N815


class _Result(_Lenient):
    ruleId: str = ""  # noqa: N815
    ruleIndex: int = -1  # noqa: N815
    level: str | None = None
    kind: str = "fail"
    message: _Text
    locations: list[_Location] = Field(default_factory=list)
    partialFingerprints: dict[str, str] = Field(default_factory=dict)  # noqa: N815
    properties: dict[str, Any] = Field(default_factory=dict)


class _Run(_Lenient):
    tool: _Tool
    results: list[_Result] | None = None


class _Log(_Lenient):
    version: str
    runs: list[_Run] = Field(max_length=100)


def parse(content: bytes) -> tuple[tuple[ReportedFinding, ...], tuple[str, ...]]:
    """The findings, and the tools that looked. Suppressions in the log count for nothing: what is judged may have
    written them. Raises BadReport."""
    if len(content) > LARGEST_BYTES:
        raise BadReport(f"it is larger than {LARGEST_BYTES} bytes")
    try:
        log = _Log.model_validate(json.loads(content))
    except (ValueError, ValidationError, RecursionError) as error:
        raise BadReport(f"it is no SARIF log ({str(error).splitlines()[0][:120]})") from error
    if not log.version.startswith("2.1"):
        raise BadReport(f"it is SARIF {log.version[:20]}, and 2.1.0 is read")
    if sum(len(run.results or ()) for run in log.runs) > MOST_RESULTS:
        raise BadReport(f"it has more than {MOST_RESULTS} results")
    seen: Counter[str] = Counter()
    findings: list[ReportedFinding] = []
    for run in log.runs:
        if run.results is None:
            raise BadReport(f"{run.tool.driver.name} did not finish: its results are missing")
        findings += [_finding(run.tool.driver, result, seen) for result in run.results if result.kind == "fail"]
    return tuple(findings), tuple(dict.fromkeys(run.tool.driver.name for run in log.runs))


def _finding(driver: _Driver, result: _Result, seen: Counter[str]) -> ReportedFinding:
    by_id = {rule.id: rule for rule in driver.rules}
    indexed = driver.rules[result.ruleIndex] if 0 <= result.ruleIndex < len(driver.rules) else None
    rule = by_id.get(result.ruleId) or indexed
    name = result.ruleId or (rule.id if rule else "") or "unnamed"
    place = result.locations[0].physicalLocation if result.locations else _Physical()
    path = _path(place.artifactLocation.uri)
    marks = sorted(f"{key}={value}" for key, value in result.partialFingerprints.items())
    code = "".join(place.region.snippet.text.split()) or result.message.text
    key = "\0".join((driver.name, name, path or "", *(marks or [code])))
    seen[key] += 1
    title = (rule.shortDescription.text if rule else "") or result.message.text.split("\n")[0] or name
    return ReportedFinding(
        tool=driver.name,
        rule=name[:200],
        severity=_severity(result, rule),
        title=f"{name}: {title}"[:300],
        message=result.message.text[:8_000] or result.message.id,
        file=path,
        line=place.region.startLine,
        fingerprint=hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _severity(result: _Result, rule: _Rule | None) -> Severity:
    """`security-severity` is a CVSS score, as code hosts read it; else the level, by default warning."""
    score = result.properties.get("security-severity") or (rule.properties.get("security-severity") if rule else None)
    try:
        number = float(score) if score is not None else None
    except (TypeError, ValueError):
        number = None
    if number is not None:
        return "critical" if number >= 9 else "high" if number >= 7 else "medium" if number >= 4 else "low"
    level = result.level or (rule.defaultConfiguration.get("level") if rule else None) or "warning"
    return _LEVELS.get(str(level), "low")


def _path(uri: str) -> str | None:
    """A path below the worktree; None for one elsewhere."""
    path = posixpath.normpath(unquote(urlparse(uri).path)) if uri else ""
    return None if path in ("", ".") or path.startswith(("/", "..")) else path[:1_000]
