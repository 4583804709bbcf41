"""What tests say of a change, beside what they said at its merge base: the rules that a gate on tests goes by."""

import re
from collections.abc import Iterable, Iterator

from services.contract.run_result import ReportedFinding, TestCase, TestReport
from services.reviews.facts import CommandFacts, CriterionFacts, StageFacts
from services.reviews.fault import fault, fingerprint
from services.reviews.weakened import Weakening

_RANK = {"error": 3, "failed": 2, "skipped": 1, "passed": 0}
_TO_CHANGE = re.compile(
    r"\b(chang|updat|rewrit|replac|remov|delet|renam|adapt|adjust|obsolet|outdat|wrong|no longer|drop)", re.I
)
_NAMES = re.compile(r"\w*[Tt]est\w*")


def command_faults(command: CommandFacts) -> Iterator[ReportedFinding]:
    """Failing tests, but for those that failed at the merge base too: they are not this change's doing."""
    failing = _failing(command.tests)
    before = {case.id for case in _failing(command.base)}
    for case in failing:
        if case.id not in before:
            yield _test_fault(case, "failed", f"The test {case.id} fails")
    empty = command.tests is not None and not command.tests.cases  # told as such: pytest's exit code is 5 then
    if command.exit_code != 0 and not failing and not empty and not _was_red(command):
        title = f"{command.name} ended with exit code {command.exit_code}"
        yield fault("command", "exit-code", "high", title, command.tail)
    if command.tests is not None and command.base is not None:
        yield from _regressions(command.tests, command.base)


def test_faults(facts: StageFacts) -> list[ReportedFinding]:
    """What the base's own tests say of the change, and what the change did to them."""
    broken = (one for command in facts.commands for one in _broken_behaviour(command))
    return [*broken, *map(_weakening_fault, facts.weakened)]


def no_tests(commands: Iterable[CommandFacts]) -> list[ReportedFinding]:
    """That nothing was tested: no command, no report of it, or one without a test."""
    found: list[ReportedFinding] = []
    commands = list(commands)
    if not commands:
        found.append(fault("gate", "no-tests", "high", "The project has no test command", "Set one in the project."))
    for command in commands:
        if command.tests is None:
            said = command.no_report or "A test report is required."
            found.append(fault("gate", "no-tests", "high", f"{command.name} left no test report", said))
        elif not command.tests.cases:
            found.append(fault("gate", "no-tests", "high", "No test was run", "The test report is empty."))
    return found


def outcomes(report: TestReport | None) -> dict[str, str]:
    """Each test's outcome by its id; the worst one of tests that share an id."""
    found: dict[str, str] = {}
    for case in report.cases if report else ():
        known = found.get(case.id)
        if known is None or _RANK[case.outcome] > _RANK[known]:
            found[case.id] = case.outcome
    return found


def says_so(finding: ReportedFinding, criteria: Iterable[CriterionFacts]) -> str | None:
    """The criterion that says that this very test has to change, if one does; then a person decides, not the gate."""
    names = {*_NAMES.findall(finding.title), finding.file} - {"test", "tests", "Test", "Tests", "", None}
    for criterion in criteria:
        if _TO_CHANGE.search(criterion.text) and any(str(name) in criterion.text for name in names):
            return criterion.text
    return None


def _was_red(command: CommandFacts) -> bool:
    """A command without a report of its own that failed at the merge base too, and says nothing worse now."""
    return command.tests is None and not command.no_report and bool(command.base_exit) and not command.worse


def _failing(tests: TestReport | None) -> list[TestCase]:
    return [case for case in tests.cases if case.outcome in ("failed", "error")] if tests else []


def _regressions(tests: TestReport, base: TestReport) -> Iterator[ReportedFinding]:
    """No test that passed at the merge base may vanish or be skipped."""
    now = outcomes(tests)
    for name, before in outcomes(base).items():
        if before != "passed":
            continue
        if name not in now:
            yield fault("tests", "vanished", "high", f"The test {name} is gone", "It passed before the change.")
        elif now[name] == "skipped":
            yield fault("tests", "skipped", "high", f"The test {name} is skipped", "It passed before the change.")


def _broken_behaviour(command: CommandFacts) -> Iterator[ReportedFinding]:
    """Tests as they were at the merge base that fail against the change. What fails in the change's own tests as well
    is told there."""
    if command.old is None:
        return
    told = {case.id for case in _failing(command.tests)}
    now = outcomes(command.old)
    cases = {case.id: case for case in _failing(command.old)}
    for name, before in outcomes(command.base).items():
        if before != "passed" or name in told or now.get(name) == "passed":
            continue
        title = f"As it was before the change, the test {name} fails"
        if name in cases:
            yield _test_fault(cases[name], "old-failed", title)
        else:
            why = "is skipped" if name in now else "cannot be run: what it needs is gone"
            said = f"It passed there, and against the change it {why}."
            yield fault("tests", "old-failed", "high", title.replace(" fails", f" {why}"), said)


def _weakening_fault(one: Weakening) -> ReportedFinding:
    what = {"hook": "hook", "selection": "setting", "runner": "setting"}.get(one.rule, "test")
    title = f"The {what} {one.test} of {one.path} was weakened" if one.test else f"{one.path} was weakened"
    return ReportedFinding(
        tool="tests",
        rule=one.rule,
        severity=one.severity,
        title=f"{title}: {one.said}",
        message="Put it back as it was, or ask a person to waive this if it has to be so.",
        file=one.path,
        line=one.line,
        fingerprint=fingerprint("tests", one.rule, one.path, one.test),
    )


def _test_fault(case: TestCase, rule: str, title: str) -> ReportedFinding:
    return ReportedFinding(
        tool="tests",
        rule=rule,
        severity="high",
        title=title,
        message=case.message,
        file=case.file,
        line=case.line,
        fingerprint=fingerprint("tests", rule, case.id),
    )
