"""The scanners: how they run in the cage, and their words as findings."""

import hashlib
import io
import json
import os
import posixpath
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent_api.cage.policy import CageLimits
from agent_api.cage.run import Completed, run_caged
from agent_api.confine import Workspace
from agent_api.errors import HubError, StepFailed
from agent_api.executors import Job
from agent_api.executors.scanned_files import LARGEST_FILE, shown
from services.contract.run_result import ReportedFinding, Severity

_BATCH = 400
# An assert is what a test is made of; elsewhere it is a check that `python -O` takes away.
_BANDIT_CONFIG = "assert_used:\n  skips: ['*/test_*.py', '*_test.py', '*/tests/*.py', '*/conftest.py']\n"
_BANDIT_SEVERITY: dict[str, Severity] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
# Guesses by entropy are often wrong, tokens of a known form hardly ever.
_SECRET_SEVERITY: dict[str, Severity] = {
    "Base64 High Entropy String": "medium",
    "Hex High Entropy String": "medium",
    "Public IP (ipv4)": "low",
    "Secret Keyword": "high",
    "Basic Auth Credentials": "high",
    "JSON Web Token": "high",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanner's findings in one folder, and its reports as it wrote them."""

    findings: tuple[ReportedFinding, ...]
    report: bytes


async def committed_files(job: Job, folder: Path) -> list[str]:
    """What git has of the folder. Raises StepFailed."""
    done = await _run(job, folder, ["git", "ls-files", "-z"])
    if done.exit_code != 0 or done.stopped_by or done.truncated:
        said = done.errors.decode(errors="replace").strip()[-500:]
        raise StepFailed("crashed", f"git did not list the files of {folder}: {said or done.stopped_by}")
    return [os.fsdecode(name) for name in done.output.split(b"\0") if name]


async def bandit(job: Job, folder: Path, files: Iterable[str]) -> Scan:
    """Bandit over the Python files. `# nosec` and a `.bandit` file in the code under judgement do not silence it."""
    python = [name for name in files if name.endswith(".py")]
    settings = job.scratch / "bandit.ini"
    settings.write_text("[bandit]\n")
    config = job.scratch / "bandit.yaml"
    config.write_text(_BANDIT_CONFIG)
    options = ["-m", "bandit", "-f", "json", "-q", "--exit-zero", "--ignore-nosec"]
    options += ["--ini", str(settings), "--configfile", str(config)]
    raised: list[tuple[dict[str, Any], str]] = []
    reports: list[Any] = []
    unread: list[dict[str, Any]] = []
    for start in range(0, len(python), _BATCH):
        targets = [f"./{name}" for name in python[start : start + _BATCH]]
        report = await _json(job, folder, "bandit", [sys.executable, "-I", *options, *targets])
        reports.append(report)
        raised += [(result, posixpath.normpath(result["filename"])) for result in report["results"]]
        unread += report["errors"]
    texts = _Texts(folder)
    drafts = [_bandit_draft(result, name, texts) for result, name in raised]
    drafts += [_unread_draft(fault) for fault in unread]
    return Scan(_numbered(drafts), json.dumps(reports, indent=1).encode())


async def detect_secrets(job: Job, folder: Path, files: Iterable[str]) -> Scan:
    """detect-secrets over all files. Its allow-list comments in the code under judgement do not silence it."""
    listed = job.scratch / "files.txt"
    listed.write_bytes(b"".join(os.fsencode(name) + b"\0" for name in files))
    program = Path(__file__).with_name("secrets_program.py").read_text()
    report = await _json(job, folder, "detect-secrets", [sys.executable, "-I", "-c", program, str(listed)])
    drafts = [_secret_draft(secret) for secrets in report.values() for secret in secrets]
    return Scan(_numbered(drafts), json.dumps(report, indent=1).encode())


async def _run(job: Job, folder: Path, argv: list[str]) -> Completed:
    """A program with the folder read-only and no network."""
    limits = job.spec.limits
    written = tuple(path for path in job.cage.read_write if path == job.cage.tmp)
    return await run_caged(
        argv,
        cwd=folder,
        cage=replace(
            job.cage,
            read_only=(*job.cage.read_only, folder),
            read_write=written,
            protected=(),
            network=False,
            covers=None,  # they look for secrets, and tell their places only
        ),
        limits=CageLimits(
            seconds=limits.run_seconds,
            output_bytes=100_000_000,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
        ),
        on_spawn=job.own_group,
        split_errors=True,
    )


async def _json(job: Job, folder: Path, name: str, argv: list[str]) -> Any:
    """Run a scanner; its standard output as JSON."""
    done = await _run(job, folder, argv)
    try:
        if done.exit_code != 0 or done.stopped_by or done.truncated:
            raise ValueError(done.stopped_by or f"exit code {done.exit_code}")
        return json.loads(done.output)
    except ValueError as error:
        said = (done.errors or done.output).decode(errors="replace")
        job.keep(f"{name}.log", "log", said.encode(), "text/plain")
        raise StepFailed("crashed", f"{name} did not give a report ({error}): {said.strip()[-500:]}") from error


class _Texts:
    """Lines of the scanned files, each file read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, list[str]] = {}

    def normalised(self, name: str, lines: Iterable[int]) -> str:
        """The text of these lines (from 1) without its spacing, which a formatter may change."""
        if name not in self._lines:
            with Workspace(self._folder, readable=("*",)) as inside:
                try:
                    content = inside.read_bytes(name, LARGEST_FILE)[0]
                except HubError:
                    content = b""  # gone since it was scanned
            self._lines[name] = io.StringIO(content.decode(errors="replace"), newline=None).readlines()
        text = self._lines[name]
        return "".join("".join(text[number - 1].split()) for number in lines if 0 < number <= len(text))


Draft = tuple[ReportedFinding, str]


def _bandit_draft(result: dict[str, Any], name: str, texts: _Texts) -> Draft:
    finding = ReportedFinding(
        tool="bandit",
        rule=result["test_id"],
        severity=_BANDIT_SEVERITY.get(result["issue_severity"], "low"),
        title=f"{result['test_id']} {result['test_name']}",
        message=f"{result['issue_text']} See {result['more_info']}",
        file=shown(name),
        line=result["line_number"],
        fingerprint="",
    )
    return finding, texts.normalised(name, result["line_range"])


def _unread_draft(fault: dict[str, Any]) -> Draft:
    """A file that could not be scanned could hide anything: that is a finding too."""
    name = shown(posixpath.normpath(fault["filename"]))
    finding = ReportedFinding(
        tool="bandit",
        rule="unscanned",
        severity="medium",
        title="A file could not be scanned",
        message=f"{name}: {fault['reason']}",
        file=name,
        fingerprint="",
    )
    return finding, ""


def _secret_draft(secret: dict[str, Any]) -> Draft:
    kind = secret["type"]
    finding = ReportedFinding(
        tool="detect-secrets",
        rule=kind,
        severity=_SECRET_SEVERITY.get(kind, "critical"),
        title=f"Possible secret: {kind}",
        message=f"Line {secret['line_number']} looks like a secret ({kind}). Its value is not repeated here.",
        file=shown(secret["filename"]),
        line=secret["line_number"],
        fingerprint="",
    )
    return finding, secret["hashed_secret"]


def _numbered(drafts: Iterable[Draft]) -> tuple[ReportedFinding, ...]:
    """Give each its fingerprint: tool, rule, file, code, and a count where the same code occurs more than once."""
    seen: Counter[tuple[str, ...]] = Counter()
    found: list[ReportedFinding] = []
    for finding, code in sorted(drafts, key=lambda draft: (draft[0].file or "", draft[0].line or 0, draft[0].rule)):
        key = (finding.tool, finding.rule, finding.file or "", code)
        seen[key] += 1
        digest = hashlib.sha256("\0".join((*key, str(seen[key]))).encode()).hexdigest()
        found.append(finding.model_copy(update={"fingerprint": digest}))
    return tuple(found)
