"""The parsers of ours that read what others wrote: each answers or refuses in its own words; all else is a fault."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent_api.executors import junit, plain_calls
from agent_api.reports import coverage_report, sarif_report
from agent_api.reports.bad_report import BadReport
from services.models.scripted.errors import ScenarioInvalid
from services.models.scripted.load import load_scenario
from services.roles.definition import read_definition
from services.roles.errors import WorkflowInvalid

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("inputs")
TOOLS = {"read", "grep", "edit", "bash"}


@dataclass(frozen=True)
class Target:
    """`read` raises for nothing but a fault; `seeds` are files to begin with, beside those in `inputs/<name>`."""

    read: Callable[[bytes], None]
    seeds: tuple[Path, ...] = ()


def workflow(data: bytes) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    try:
        read = read_definition(text)
    except WorkflowInvalid as refused:
        lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029")
        for one in refused.data["errors"]:
            assert 1 <= one["line"] <= lines + 1 and one["what"].strip(), one
    else:
        assert read.model_validate(read.model_dump(mode="json")) == read


def scenario(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="wfhub-fuzz-") as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_bytes(data)
        try:
            read = load_scenario(path)
        except ScenarioInvalid as refused:
            assert refused.data.get("line", 1) >= 1 and refused.sentence.endswith(".")
        else:
            assert read.rules and read.name


def junit_report(data: bytes) -> None:
    try:
        read = junit.parse(data)
    except BadReport:
        return
    assert read.passed + read.failed + read.errors + read.skipped == len(read.cases)
    json.dumps(read.model_dump(mode="json"), allow_nan=False).encode()


def sarif(data: bytes) -> None:
    try:
        findings, tools = sarif_report.parse(data)
    except BadReport:
        return
    assert all(one.fingerprint and one.tool in tools for one in findings)
    assert not [one.file for one in findings if one.file and (one.file.startswith("/") or ".." in one.file.split("/"))]
    json.dumps([one.model_dump(mode="json") for one in findings], allow_nan=False).encode()


def coverage(data: bytes) -> None:
    try:
        read = coverage_report.parse(data)
    except BadReport:
        return
    assert 0 <= read.covered <= read.lines


def tool_calls(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    for call in plain_calls.calls_in(text, TOOLS):
        assert isinstance(call.name, str) and isinstance(call.arguments, dict | str)


TARGETS = {
    "workflow": Target(workflow, tuple(sorted((ROOT / "services/roles/workflows").glob("*.yaml")))),
    "scenario": Target(scenario, (ROOT / "tests/support/scenarios/hello.yaml",)),
    "junit": Target(junit_report),
    "sarif": Target(sarif),
    "coverage": Target(coverage),
    "tool_calls": Target(tool_calls),
}


def inputs(name: str) -> list[Path]:
    """What a target begins with: examples, and all that once broke it."""
    return [*TARGETS[name].seeds, *sorted((KEPT / name).glob("*"))]
