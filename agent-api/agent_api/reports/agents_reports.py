"""What agents write of their own work: bugs.json and security_report.json. A model's word: it can only make a verdict
worse, never better."""

import hashlib
import json
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_api.reports.left_files import LeftFiles
from services.contract.run_result import ReportedFinding, Severity

NAMES = ("bugs.json", "security_report.json", ".workflow/bugs.json", ".workflow/security_report.json")
LARGEST_BYTES = 1_000_000
MOST = 200  # findings of one file
_LISTS = ("bugs", "findings", "issues", "vulnerabilities")


class _Reported(BaseModel):
    """One entry. Fields that we do not read are let be; those we read have their types and bounds."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=300)
    severity: Literal["critical", "high", "medium", "low"]
    description: str = Field(default="", max_length=8_000)
    file: str | None = Field(default=None, max_length=1_000, pattern=r"^[^/\x00][^\x00]*$")
    line: int | None = Field(default=None, ge=1, le=10_000_000, strict=True)


class AgentsReports:
    """Made before a step; `take` reads what it left. A file that lay there already was not written by it."""

    def __init__(self, left: LeftFiles) -> None:
        self._left = left

    def take(self) -> tuple[list[tuple[str, bytes]], list[ReportedFinding], list[str]]:
        """The files as they were, their findings, and a sentence for each that does not count."""
        files: list[tuple[str, bytes]] = []
        findings: list[ReportedFinding] = []
        notes: list[str] = []
        for path, content, size in self._left.take(len(NAMES), LARGEST_BYTES):
            name = path.rpartition("/")[2]
            files.append((name, content))
            try:
                if size > LARGEST_BYTES:
                    raise ValueError(f"it is larger than {LARGEST_BYTES} bytes")
                findings += parse(name, content)
            except ValueError as error:
                notes.append(f"{path} does not count: {error}.")
        return files, findings, notes


def parse(name: str, content: bytes) -> list[ReportedFinding]:
    """Its findings, told as the file's. Raises ValueError, whose words say what is wrong and where."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({str(error)[:120]})") from error
    entries = whole
    if isinstance(whole, dict):
        named = cast("dict[str, Any]", whole)
        entries = next((named[key] for key in _LISTS if key in named), None)
    if not isinstance(entries, list):
        raise ValueError(f"it has no list of findings ({', '.join(_LISTS)})")
    listed = cast("list[object]", entries)
    if len(listed) > MOST:
        raise ValueError(f"it has {len(listed)} findings, and {MOST} are read")
    found: list[ReportedFinding] = []
    for number, entry in enumerate(listed, start=1):
        try:
            found.append(_finding(name, _Reported.model_validate(entry)))
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))
            raise ValueError(f"finding {number}: {where or 'it'}: {fault['msg']}") from error
    return found


def _finding(name: str, one: _Reported) -> ReportedFinding:
    key = "\0".join((name, one.file or "", one.title.lower()))
    severity: Severity = one.severity
    return ReportedFinding(
        tool=name,
        rule="reported",
        severity=severity,
        title=one.title,
        message=f"{one.description}\n(An agent says so; no tool measured it.)".strip(),
        file=one.file,
        line=one.line,
        fingerprint=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
    )
