"""Parts of agent-api that need no process: settings, junit, bounded output, fingerprints, the choice of a cage."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent_api import problems
from agent_api.cage.host import choose
from agent_api.cage.output import BoundedOutput
from agent_api.cage.policy import CageHost
from agent_api.cage.seccomp import program
from agent_api.errors import CageUnavailable
from agent_api.executors import junit
from agent_api.settings import AgentSettings
from agent_api.workspace_tools.pattern import matcher

GOOD = hashlib.sha256(b"t").hexdigest()


@pytest.mark.parametrize("value", ["", "change-me", "0" * 64, "a" * 64, GOOD[:-1], "g" * 64])
def test_placeholder_hashes_are_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="WFHUB_TOKEN_SHA256"):
        AgentSettings(wfhub_token_sha256=value)


def test_settings_are_frozen_and_read_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"WFHUB_TOKEN_SHA256": GOOD, "WFHUB_HOME": str(tmp_path), "AGENT_CAPACITY": "2"}.items():
        monkeypatch.setenv(name, value)
    settings = AgentSettings()  # type: ignore[call-arg]
    assert (settings.agent_capacity, settings.jobs_dir) == (2, tmp_path / "jobs")
    with pytest.raises(ValidationError):
        settings.agent_capacity = 3  # type: ignore[misc]


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_bounded_output_keeps_both_ends(chunk: int) -> None:
    text = b"".join(b"%05d\n" % number for number in range(1000))
    output = BoundedOutput(100)
    for start in range(0, len(text), chunk):
        output.add(text[start : start + chunk])
    kept = output.kept()
    assert kept.startswith(text[:50]) and kept.endswith(text[-50:])
    assert f"{len(text) - 100} bytes cut".encode() in kept
    short = BoundedOutput(100)
    short.add(text[:99])
    assert (short.kept(), short.truncated) == (text[:99], False)


@pytest.mark.parametrize(
    ("glob", "matching", "other"),
    [
        ("*.py", ("a.py", "x/y/a.py"), ("a.pyc",)),
        ("**/*.py", ("a.py", "x/y/a.py"), ("a.txt",)),
        ("src/*.py", ("src/a.py",), ("src/x/a.py", "a.py")),
        ("src/**", ("src/a", "src/x/a"), ("a",)),
        ("*.{js,t[sx]}", ("a.js", "b/c.ts"), ("a.jsx", "a.css")),
        ("a?[!0-9].md", ("abc.md",), ("ab1.md", "a/c.md")),
        ("**", ("a", "a/b.c"), ()),
    ],
)
def test_globs(glob: str, matching: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert all(matcher(glob)(path) for path in matching)
    assert not any(matcher(glob)(path) for path in other)


def test_choice_of_a_cage() -> None:
    both = CageHost(Path("/usr/bin/bwrap"), 7, True)
    assert choose("auto", both, allow_none=True) == "bubblewrap"
    assert choose("auto", CageHost(None, 4), allow_none=True) == "landlock"
    assert choose("auto", CageHost(None, 0), allow_none=True) == "none"
    for wanted, host in (("auto", CageHost(None, 3)), ("none", both), ("bubblewrap", CageHost(None, 7))):
        with pytest.raises(CageUnavailable) as refusal:
            choose(wanted, host, allow_none=False)  # type: ignore[arg-type]
        assert "CAGE_ALLOW_NONE" in refusal.value.way_out


def test_junit_of_nested_suites_and_both_faults() -> None:
    report = junit.parse(
        b"""<testsuites><testsuite name="outer"><testsuite name="inner">
        <testcase classname="c" name="ok" time="0.5" file="c.py" line="3"/>
        <testcase classname="c" name="late"><failure message="m">body</failure><error message="teardown"/></testcase>
        <testcase classname="c" name="skip"><skipped message="why"/></testcase></testsuite></testsuite></testsuites>"""
    )
    assert [(case.id, case.outcome) for case in report.cases] == [
        ("c::ok", "passed"), ("c::late", "failed"), ("c::skip", "skipped")
    ]  # fmt: skip
    assert (report.cases[0].file, report.cases[0].line, report.seconds) == ("c.py", 3, 0.5)
    assert (report.passed, report.failed, report.errors, report.skipped) == (1, 1, 0, 1)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"<other/>", b"<!DOCTYPE a []><testsuite/>",
                                     b"<testsuite><testcase time='soon'/></testsuite>"])  # fmt: skip
def test_reports_that_do_not_count(content: bytes) -> None:
    with pytest.raises(junit.BadReport):
        junit.parse(content)


@pytest.mark.parametrize("sockets", ["ip", "tcp", "none"])
def test_jumps_of_the_filter_stay_inside_it(sockets: Any) -> None:
    code = program(sockets, unix=True)
    count = len(code) // 8
    for index in range(count):
        operation, yes, no = (
            int.from_bytes(code[8 * index : 8 * index + 2], "little"),
            *code[8 * index + 2 : 8 * index + 4],
        )
        if operation & 0x07 == 0x05:
            assert max(yes, no) + index + 1 < count


def test_every_status_is_of_a_known_code() -> None:
    from agent_api import errors

    codes = {value.code for value in vars(errors).values() if isinstance(value, type) and hasattr(value, "code")}
    assert set(problems.STATUS) <= codes
