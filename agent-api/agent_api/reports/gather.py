"""All that a command leaves as evidence: looked for before and after, kept as it was, parsed, bounded."""

from typing import Any

from agent_api.confine import Workspace
from agent_api.errors import ToolRefused
from agent_api.executors import Job, junit
from agent_api.reports import coverage_report, lint_output, pictures, sarif_report
from agent_api.reports.bad_report import BadReport
from agent_api.reports.left_files import LeftFiles
from services.contract.coverage import Coverage
from services.contract.run_event import EventKind
from services.contract.run_result import ReportedFinding, TestReport
from services.contract.run_spec import CommandSettings

MOST_SARIF, MOST_SCREENSHOTS = 20, 40
LARGEST_SCREENSHOT = 5_000_000
ALL_SCREENSHOTS = 60_000_000  # bytes


class Reports:
    """Made before the command runs: an old report must not count. `fields` are a RunResult's, once it has ended.

    Both look at files, in a thread of their own; `tell` then says on the event loop what they saw.
    """

    def __init__(self, job: Job, settings: CommandSettings) -> None:
        self._job, self._settings = job, settings
        self._notes: list[str] = []
        self._told: list[tuple[EventKind, str, dict[str, int]]] = []
        if settings.junit:
            with Workspace(job.worktree) as inside:
                inside.remove_file(settings.junit)
        self._coverage = LeftFiles(job.worktree, [settings.coverage] if settings.coverage else [])
        self._sarif = LeftFiles(job.worktree, settings.sarif)
        self._screenshots = LeftFiles(job.worktree, settings.screenshots)

    def fields(self, output: bytes) -> dict[str, Any]:
        """`tests`, `coverage`, `findings`, `lint`, `notes` and `unmeasured`; screenshots become artifacts."""
        tests, coverage = self._tests(), self._covered()
        findings, looked = self._found()
        self._pictures()
        lint = len(findings) if looked else lint_output.count(output) if self._settings.lint else None
        return {
            "tests": tests,
            "coverage": coverage,
            "findings": findings,
            "lint": lint if self._settings.lint else None,
            "notes": tuple(self._notes),
            "unmeasured": ("sarif",) if self._settings.sarif and not looked else (),
        }

    def tell(self) -> None:
        """The job's events about it."""
        for kind, text, data in self._told:
            self._job.emit(kind, text, **data)
        self._told.clear()

    def _tests(self) -> TestReport | None:
        """The parsed report, kept as it was; None when the command left none, or none that can be believed."""
        job, path = self._job, self._settings.junit
        if not path:
            return None
        with Workspace(job.worktree) as inside:
            try:
                content, size = inside.read_bytes(path, junit.LARGEST_BYTES)
            except ToolRefused:
                self._note(f"The command left no test report at {path}.")
                return None
            inside.remove_file(path)  # it is a proof, not a part of the change
        job.keep("junit.xml", "test_result", content, "application/xml")
        try:
            if size > junit.LARGEST_BYTES:
                raise BadReport(f"it is larger than {junit.LARGEST_BYTES} bytes")
            tests = junit.parse(content)
        except BadReport as bad:
            self._note(f"The test report does not count: {bad}.")
            return None
        counts = {"passed": tests.passed, "failed": tests.failed, "errors": tests.errors, "skipped": tests.skipped}
        self._told.append(("tests", f"{tests.passed} passed, {tests.failed + tests.errors} failed", counts))
        return tests

    def _covered(self) -> Coverage | None:
        if not self._settings.coverage:
            return None
        for path, content, size in self._coverage.take(1, coverage_report.LARGEST_BYTES):
            self._job.keep(path.rpartition("/")[2], "report", content, "text/plain")
            try:
                if size > len(content):
                    raise BadReport(f"it is larger than {coverage_report.LARGEST_BYTES} bytes")
                found = coverage_report.parse(content)
            except BadReport as bad:
                self._note(f"The coverage report {path} does not count: {bad}.")
                return None
            self._told.append(("notice", f"{found.covered} of {found.lines} lines ran ({found.percent} %).", {}))
            return found
        self._note(f"The command left no coverage report at {self._settings.coverage}.")
        return None

    def _found(self) -> tuple[tuple[ReportedFinding, ...], tuple[str, ...]]:
        findings: list[ReportedFinding] = []
        looked: list[str] = []
        for path, content, size in self._sarif.take(MOST_SARIF, sarif_report.LARGEST_BYTES):
            self._job.keep(path.rpartition("/")[2], "report", content, "application/sarif+json")
            try:
                if size > len(content):
                    raise BadReport(f"it is larger than {sarif_report.LARGEST_BYTES} bytes")
                found, tools = sarif_report.parse(content)
            except BadReport as bad:
                self._note(f"The SARIF report {path} does not count: {bad}.")
                return tuple(findings), ()
            findings += found
            looked += tools
        if self._settings.sarif and not looked:
            self._note(f"The command left no SARIF report at {', '.join(self._settings.sarif)}.")
        return tuple(findings), tuple(looked)

    def _pictures(self) -> None:
        kept = 0
        for path, content, size in self._screenshots.take(MOST_SCREENSHOTS, LARGEST_SCREENSHOT):
            kind = pictures.media_type(content)
            if size > len(content):
                self._note(f"The screenshot {path} is left out: it is larger than {LARGEST_SCREENSHOT} bytes.")
            elif kind is None:
                self._note(f"The screenshot {path} is left out: it is no whole picture.")
            elif kept + size > ALL_SCREENSHOTS:
                self._note(
                    f"Screenshots from {path} on are left out: all together are larger than {ALL_SCREENSHOTS} bytes."
                )
                return
            else:
                kept += size
                self._job.keep(path.replace("/", "-"), "screenshot", content, kind)
        if self._settings.screenshots and not kept:
            self._note(f"The command left no screenshot at {', '.join(self._settings.screenshots)}.")

    def _note(self, sentence: str) -> None:
        self._notes.append(sentence)
        self._told.append(("notice", sentence, {}))
