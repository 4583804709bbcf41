"""The gate: facts in, verdict and findings out. No model's word decides here, and nothing is asked of anyone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.contract.run_result import ReportedFinding, Severity, TestCase, TestReport
from services.domain.severity import Severity as Level
from services.domain.severity import at_least
from services.domain.workflow import Gate
from services.reviews.facts import CommandFacts, CriterionFacts, StageFacts


@dataclass(frozen=True)
class CriterionVerdict:
    """`proven` is a test that passed; met without it is a judgement."""

    criterion_id: int
    met: bool
    proven: bool
    evidence: str


@dataclass(frozen=True)
class Verdict:
    passed: bool
    reasons: tuple[str, ...]
    findings: tuple[ReportedFinding, ...]
    criteria: tuple[CriterionVerdict, ...] = ()


def judge(gate: Gate, facts: StageFacts) -> Verdict:
    """Each rule of the gate against the facts. All findings are reported; those a rule counts make it fail."""
    blocking: list[ReportedFinding] = []
    if gate.changes_required and not (facts.files_changed and facts.branch_changed):
        blocking.append(fault("gate", "no-change", "high", "Nothing was changed", "The run ended without any edit."))
    if gate.tests_required and not facts.commands:
        blocking.append(fault("gate", "no-tests", "high", "The project has no test command", "Set one in the project."))
    for command in facts.commands:
        if gate.commands_pass:
            blocking += _command_faults(command)
        if gate.tests_required and command.tests is None:
            blocking.append(
                fault("gate", "no-tests", "high", f"{command.name} left no test report", "A test report is required.")
            )
        elif gate.tests_required and command.tests is not None and not command.tests.cases:
            blocking.append(fault("gate", "no-tests", "high", "No test was run", "The test report is empty."))
    if gate.merged and not facts.merged:
        blocking.append(fault("gate", "not-merged", "high", "The branch was not merged", ""))
    verdicts = tuple(_judge_criterion(criterion, facts.commands) for criterion in facts.criteria)
    if gate.criteria_met:
        texts = {c.criterion_id: c for c in facts.criteria}
        for verdict in verdicts:
            if not verdict.met:
                text = texts[verdict.criterion_id].text
                blocking.append(fault("gate", "criterion", "medium", f"Not met: {text}", verdict.evidence))
    counted = [
        f for f in facts.findings if f.new and gate.findings_below and at_least(Level(f.severity), gate.findings_below)
    ]
    reported = {f.fingerprint: f for f in [*blocking, *[f for f in facts.findings if f.new]]}
    reasons = tuple(f.title for f in [*blocking, *counted])
    return Verdict(not reasons, reasons, tuple(reported.values()), verdicts)


def _command_faults(command: CommandFacts) -> Iterator[ReportedFinding]:
    """Failing tests, but for those that failed at the merge base too: they are not this change's doing."""
    failing = _failing(command.tests)
    before = {case.id for case in _failing(command.base)}
    for case in failing:
        if case.id not in before:
            yield _test_fault(case)
    if command.exit_code != 0 and not failing:
        title = f"{command.name} ended with exit code {command.exit_code}"
        yield fault("command", "exit-code", "high", title, command.tail)
    if command.tests is not None and command.base is not None:
        yield from _regressions(command.tests, command.base)


def _failing(tests: TestReport | None) -> list[TestCase]:
    return [case for case in tests.cases if case.outcome in ("failed", "error")] if tests else []


def _regressions(tests: TestReport, base: TestReport) -> Iterator[ReportedFinding]:
    """No test that passed at the merge base may vanish or be skipped."""
    now = {case.id: case.outcome for case in tests.cases}
    for case in base.cases:
        if case.outcome != "passed":
            continue
        if case.id not in now:
            yield fault("tests", "vanished", "high", f"The test {case.id} is gone", "It passed before the change.")
        elif now[case.id] == "skipped":
            yield fault("tests", "skipped", "high", f"The test {case.id} is skipped", "It passed before the change.")


def _judge_criterion(criterion: CriterionFacts, commands: tuple[CommandFacts, ...]) -> CriterionVerdict:
    if criterion.claimed is None:
        return CriterionVerdict(criterion.criterion_id, False, False, "No run has looked at this criterion yet.")
    if not criterion.claimed:
        return CriterionVerdict(criterion.criterion_id, False, False, criterion.note or "Judged as not met.")
    if criterion.test is None:
        return CriterionVerdict(criterion.criterion_id, True, False, criterion.note or "Judged, not proven.")
    outcomes = {case.id: case.outcome for command in commands if command.tests for case in command.tests.cases}
    outcome = outcomes.get(criterion.test)
    if outcome == "passed":
        return CriterionVerdict(criterion.criterion_id, True, True, criterion.test)
    said = f"it {outcome}" if outcome else "the report has no such test"
    return CriterionVerdict(criterion.criterion_id, False, False, f"{criterion.test} should show it, but {said}.")


def _test_fault(case: TestCase) -> ReportedFinding:
    return ReportedFinding(
        tool="tests",
        rule="failed",
        severity="high",
        title=f"The test {case.id} fails",
        message=case.message,
        file=case.file,
        line=case.line,
        fingerprint=_fingerprint("tests", "failed", case.id),
    )


def fault(
    tool: str, rule: str, severity: Severity, title: str, message: str, file: str | None = None
) -> ReportedFinding:
    """A finding of the hub itself."""
    return ReportedFinding(
        tool=tool,
        rule=rule,
        severity=severity,
        title=title,
        message=message,
        file=file,
        fingerprint=_fingerprint(tool, rule, title),
    )


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
