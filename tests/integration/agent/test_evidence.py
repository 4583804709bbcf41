"""The command and scan executors with the real pytest, bandit and detect-secrets."""

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.agent import conftest
from tests.integration.agent.conftest import RunningAgent, run_of

TESTS = """
import pytest

def test_good(): assert True
def test_bad(): assert 1 == 2
@pytest.mark.skip(reason="later")
def test_later(): pass
@pytest.fixture
def broken(): raise ValueError("no")
def test_error(broken): pass
"""
# Builds an environment without any network: a virtual environment that sees the pytest of this test run.
SETUP = "python3 -m venv --without-pip $WFHUB_ENV && echo {site} > $WFHUB_ENV/lib/python3.{minor}/site-packages/x.pth"


@pytest.fixture
def agent(shared_agent: RunningAgent) -> RunningAgent:
    return shared_agent


def command(worktree: Path, line: str, **more: Any) -> dict[str, Any]:
    return conftest.command(worktree, line, run_id=run_of(worktree), **more)


@pytest.fixture
def project(worktree: Path) -> Path:
    (worktree / "test_it.py").write_text(TESTS)
    (worktree / "requirements.txt").write_text("pytest\n")
    return worktree


def pytest_spec(project: Path, **more: Any) -> dict[str, Any]:
    site = next(path for path in sys.path if path.endswith("site-packages"))
    base = Path(sys.base_prefix) / "bin" / "python3"
    setup = SETUP.format(site=site, minor=sys.version_info.minor).replace("python3 -m", f"{base} -m", 1)
    settings = {
        "junit": "report.xml",
        "setup": f"{setup}; echo built >> $WFHUB_ENV/built",
        "setup_inputs": ["requirements.txt"],
        "setup_network": False,
        "name": "tests",
    }
    # Without the plug-ins of this test run, which take longer to load than all the rest.
    line = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -q -p no:cacheprovider --junitxml=report.xml"
    return command(project, line, settings=settings | more.pop("settings", {}), **more)


def said(agent: RunningAgent, worktree: Path, result: dict[str, Any]) -> str:
    """What the command of the step `qa` wrote."""
    logs = [one["sha256"] for one in result["artifacts"] if one["kind"] == "log" and one["name"] != "setup.log"]
    return agent.http.get(f"/jobs/{run_of(worktree)}/qa/artifacts/{logs[0]}").text


def environments(agent: RunningAgent) -> set[Path]:
    return {path for path in (agent.home / "envs").glob("*") if path.is_dir()}


def test_pytest_with_its_report(agent: RunningAgent, project: Path) -> None:
    before = environments(agent)
    spec = pytest_spec(project)
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert result["outcome"] == "completed", result
    assert result["exit_code"] == 1
    tests = result["tests"]
    assert tests is not None, said(agent, project, result)
    assert {key: tests[key] for key in ("passed", "failed", "errors", "skipped")} == {
        "passed": 1, "failed": 1, "errors": 1, "skipped": 1
    }  # fmt: skip
    bad = next(case for case in tests["cases"] if case["id"] == "test_it::test_bad")
    assert bad["outcome"] == "failed" and "assert 1 == 2" in bad["message"]
    assert {artifact["kind"] for artifact in result["artifacts"]} == {"log", "test_result"}
    assert not (project / "report.xml").exists()
    [environment] = environments(agent) - before
    again = pytest_spec(project, step="again")
    agent.put(again)
    assert agent.finished(again)["result"]["tests"]["passed"] == 1
    assert (environment / "built").read_text() == "built\n", "the environment was built once"
    (project / "requirements.txt").write_text("pytest\nmore\n")
    other = pytest_spec(project, step="other")
    agent.put(other)
    agent.finished(other)
    assert len(environments(agent) - before) == 2


def test_a_commands_python_is_compiled_before_and_the_worktrees_own_bytecode_is_not_believed(
    agent: RunningAgent, project: Path
) -> None:
    """Bytecode that says something else than its source, of the same time and size: Python would take it."""
    source = project / "till.py"
    source.write_text("TOTAL = 2\n")
    at = source.stat()
    py_compile.compile(str(source))
    source.write_text("TOTAL = 1\n")
    os.utime(source, ns=(at.st_atime_ns, at.st_mtime_ns))
    ask = "python -c 'import asyncio, till; print(till.TOTAL, asyncio.__cached__)'"
    line = f"{ask}; env -u PYTHONPYCACHEPREFIX {ask}"
    spec = command(project, line, settings=pytest_spec(project)["settings"] | {"command": line, "junit": ""})
    agent.put(spec)
    result = agent.finished(spec)["result"]
    shielded, bare = said(agent, project, result).strip().splitlines()
    total, compiled = shielded.split()
    assert total == "1" and compiled.startswith(f"{agent.home}/envs/") and Path(compiled).is_file()
    assert bare.startswith("2 "), "without the shield it is believed"


def test_an_old_report_does_not_count(agent: RunningAgent, project: Path) -> None:
    (project / "report.xml").write_text('<testsuite><testcase classname="a" name="b"/></testsuite>')
    spec = command(project, "true", settings={"junit": "report.xml"})
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert (result["outcome"], result["exit_code"], result["tests"]) == ("completed", 0, None)


@pytest.mark.parametrize(
    "line",
    [
        "ln -s /etc/passwd report.xml",
        "echo '<!DOCTYPE a [<!ENTITY b \"c\">]><a/>' > report.xml",
        "echo nonsense > report.xml",
        "mkfifo report.xml",
    ],
)
def test_a_report_that_cannot_be_believed(agent: RunningAgent, project: Path, line: str) -> None:
    spec = command(project, line, settings={"junit": "report.xml"})
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert result["tests"] is None
    assert result["outcome"] in ("completed", "failed")


def test_a_setup_that_fails_says_why(agent: RunningAgent, project: Path) -> None:
    spec = command(project, "true", settings={"setup": "echo no such package; exit 7", "setup_network": False})
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert (result["outcome"], result["reason"]) == ("failed", "setup_failed")
    assert "no such package" in result["sentence"]


def scan_spec(worktree: Path, step: str, base: Path | None) -> dict[str, Any]:
    settings = {"executor": "scan", "base_worktree": str(base) if base else None}
    return {"run_id": run_of(worktree), "step": step, "worktree": str(worktree), "settings": settings}


# Pieces, so that scanners of this repository do not stop at this file.
SECRET = "AKIA" + "QWERTYUIOPASDFGH"
OLD = "import subprocess\n\n\ndef run(line):\n    return subprocess.call(line, shell=True)\n"
NEW = f"\n\ndef load(data):\n    return eval(data)  # nosec\n\n\nKEY = '{SECRET}'  # pragma: allowlist secret\n"


def test_scanners_on_a_bad_file(agent: RunningAgent, worktree: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "code.py").write_text(OLD)
    (worktree / "code.py").write_text("# moved down\n\n" + OLD + NEW)
    (worktree / ".bandit").write_text("[bandit]\nskips: B602,B307,B404\n")
    spec = scan_spec(worktree, "sec", base)
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert result["outcome"] == "completed", result
    found = {(finding["rule"], finding["severity"], finding["new"]) for finding in result["findings"]}
    assert ("B602", "high", False) in found, "the base has it, and moving its line changes nothing"
    assert ("B307", "medium", True) in found, "a comment does not silence it"
    assert ("AWS Access Key", "critical", True) in found
    assert {finding["file"] for finding in result["findings"]} == {"code.py"}
    assert SECRET not in json.dumps(result["findings"])
    left = {artifact["name"] for artifact in result["artifacts"]}
    assert left == {"bandit.json", "detect-secrets.json", "findings.sarif"}
    alone = scan_spec(worktree, "alone", None)
    agent.put(alone)
    findings = agent.finished(alone)["result"]["findings"]
    assert all(finding["new"] for finding in findings)
    assert {one["fingerprint"] for one in findings} == {one["fingerprint"] for one in result["findings"]}
    assert len({one["fingerprint"] for one in findings}) == len(findings)


def test_the_scanners_under_landlock_and_a_file_that_cannot_be_parsed(agent: RunningAgent, worktree: Path) -> None:
    (worktree / "broken.py").write_text("def (:\n")
    (worktree / "clean.py").write_text("A = 1\n")
    spec = scan_spec(worktree, "sec", None) | {"cage": {"backend": "landlock"}}
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert [(one["rule"], one["file"]) for one in result["findings"]] == [("unscanned", "broken.py")], result


def test_a_file_that_breaks_a_scanners_reader_hides_nothing(agent: RunningAgent, worktree: Path) -> None:
    """detect-secrets reads YAML, and a number of 5,000 digits is more than Python reads."""
    (worktree / "settings.yaml").write_text(f"many: {'9' * 5000}\nkey: {SECRET}\n")
    (worktree / "after.py").write_text(f"KEY = '{SECRET}'\n")
    spec = scan_spec(worktree, "sec", None)
    agent.put(spec)
    result = agent.finished(spec)["result"]
    found = {(one["rule"], one["file"], one["line"]) for one in result["findings"]}
    assert {("AWS Access Key", "settings.yaml", 2), ("AWS Access Key", "after.py", 1)} <= found, result


def test_a_worktree_of_real_git(agent: RunningAgent, tmp_path: Path) -> None:
    mirror, worktree = tmp_path / "mirror.git", tmp_path / "tree"

    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, input="", text=True, capture_output=True, check=True
        ).stdout.strip()

    git("init", "-q", "--bare", "-b", "main", str(mirror))
    commit = git("-C", str(mirror), "commit-tree", "-m", "first", git("-C", str(mirror), "mktree"))
    git("-C", str(mirror), "worktree", "add", "-q", str(worktree), commit)
    line = "echo hi > new.txt; git status --short; git log --oneline | wc -l; git add new.txt || echo refused"
    spec = command(worktree, line, git_dir=str(mirror))
    agent.put(spec)
    result = agent.finished(spec)["result"]
    output = said(agent, worktree, result)
    assert "?? new.txt" in output and "1\n" in output and "refused" in output


def test_what_agents_report_of_their_work_counts_against_it(agent: RunningAgent, worktree: Path) -> None:
    bugs = json.dumps([{"title": "It loses cents", "severity": "high", "file": "till.py", "line": 3}])
    spec = command(worktree, f"echo '{bugs}' > bugs.json; echo '[' > security_report.json")
    agent.put(spec)
    result = agent.finished(spec)["result"]
    assert (result["outcome"], result["exit_code"]) == ("completed", 0)
    assert [(one["title"], one["severity"], one["file"]) for one in result["findings"]] == [
        ("It loses cents", "high", "till.py")
    ]
    assert [note for note in result["notes"] if note.startswith("security_report.json does not count: it is no JSON")]
    assert {"bugs.json", "security_report.json"} <= {one["name"] for one in result["artifacts"]}
    assert not (worktree / "bugs.json").exists(), "it is a proof, and no part of the change"
