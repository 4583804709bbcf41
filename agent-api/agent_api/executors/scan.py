"""The scan executor: security scanners over the worktree, compared with the merge base."""

import asyncio
import hashlib
import json
import os
from collections import OrderedDict
from pathlib import Path

from agent_api.errors import BadJob, StepFailed
from agent_api.executors import Job, scanners
from agent_api.executors.audits import NotRun, audit
from agent_api.executors.scanned_files import LARGEST_FILE, ScannedFiles, files_to_scan, shown, with_committed
from agent_api.executors.scanners import Scan
from agent_api.settings import AgentSettings
from services.contract.run_result import ReportedFinding, RunResult
from services.contract.run_spec import ScannerName as Scanner
from services.contract.run_spec import ScanSettings
from services.contract.sarif import MEDIA_TYPE, as_sarif

_REMEMBERED = 16
_RUN = {"bandit": scanners.bandit, "detect-secrets": scanners.detect_secrets}


class ScanExecutor:
    """Remembers the findings of merge bases: the rounds of a task compare with the same one."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._bases: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()

    async def run(self, job: Job) -> RunResult:
        """Scan; what the merge base already has is marked as not new. Findings do not make the job fail."""
        settings = job.spec.settings
        if not isinstance(settings, ScanSettings):
            raise StepFailed("bad_spec", "A scan step needs scan settings.")
        listed = await self._files(job, settings)
        files = list(listed.paths)
        found: list[ReportedFinding] = []
        notes = _of_the_large(listed.too_large)
        unmeasured: list[str] = []
        for scanner in settings.scanners:
            try:
                scan = await self._scan(job, job.worktree, scanner, files)
            except NotRun as why:
                sentence = f"{scanner} was not run: {why}."
                job.keep(f"{scanner}.json", "report", json.dumps({"not_run": str(why)}).encode(), "application/json")
                job.emit("notice", sentence)
                notes.append(sentence)
                unmeasured.append(scanner)
                continue
            job.keep(f"{scanner}.json", "report", scan.report, "application/json")
            known = await self._known(job, scanner, settings.base_worktree) if scan.findings else frozenset[str]()
            found += [finding.model_copy(update={"new": finding.fingerprint not in known}) for finding in scan.findings]
            job.emit("tests", f"{scanner}: {len(scan.findings)} findings in {len(files)} files", scanner=scanner)
        new = [finding for finding in found if finding.new]
        if found:
            base = [finding.fingerprint for finding in found if not finding.new]
            log = json.dumps(as_sarif(found, base=base), indent=1).encode()
            job.keep("findings.sarif", "report", log, MEDIA_TYPE)
        sentence = f"{len(files)} files scanned: {len(found)} findings, {len(new)} of them new."
        return RunResult(
            outcome="completed",
            exit_code=0,
            findings=tuple(found),
            sentence=" ".join([sentence, *notes]),
            notes=tuple(notes),
            unmeasured=tuple(unmeasured),
        )

    async def close(self) -> None:
        self._bases.clear()

    async def _files(self, job: Job, settings: ScanSettings) -> ScannedFiles:
        files = await asyncio.to_thread(files_to_scan, job.worktree)
        committed = await scanners.committed_files(job, job.worktree) if job.spec.git_dir else []
        base = Path(settings.base_worktree) if settings.base_worktree else None
        return await asyncio.to_thread(with_committed, files, job.worktree, committed, base)

    async def _scan(self, job: Job, folder: Path, scanner: Scanner, files: list[str]) -> Scan:
        job.emit("output", f"{scanner} looks at {len(files)} files.\n", source=scanner)
        if scanner in _RUN:
            return await _RUN[scanner](job, folder, files)
        settings = job.spec.settings
        assert isinstance(settings, ScanSettings)
        findings, report = await audit(job, folder, scanner, files, settings.network)
        return Scan(tuple(findings), json.dumps(report, indent=1).encode())

    async def _known(self, job: Job, scanner: Scanner, base: str | None) -> frozenset[str]:
        """Fingerprints that the merge base has; none without one."""
        if base is None:
            return frozenset()
        folder = Path(base)
        try:
            files, state = await asyncio.to_thread(_listing, folder)
        except FileNotFoundError as error:
            raise BadJob(f"The merge base {folder} is not a folder on this machine.") from error
        key = (scanner, state)
        if key not in self._bases:
            try:
                scan = await self._scan(job, folder, scanner, files)
            except NotRun:
                return frozenset()  # the base pinned nothing, or cannot be asked about: then all of it is new
            self._bases[key] = frozenset(finding.fingerprint for finding in scan.findings)
            while len(self._bases) > _REMEMBERED:
                self._bases.popitem(last=False)
        return self._bases[key]


def _listing(folder: Path) -> tuple[list[str], str]:
    """The files to scan, and a name for the state they are in. Raises FileNotFoundError."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    files = list(files_to_scan(folder).paths)
    digest = hashlib.sha256(os.fsencode(folder))
    for name in files:
        status = (folder / name).stat()
        digest.update(os.fsencode(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"))
    return files, digest.hexdigest()


def _of_the_large(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    told = ", ".join(map(shown, names[:5]))
    return [f"Not scanned, for they are larger than {LARGEST_FILE} bytes: {told}{more}."]
