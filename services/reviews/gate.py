"""The gate: facts in, verdict and findings out. No model's word decides here, and nothing is asked of anyone."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.contract.run_result import ReportedFinding
from services.domain.severity import Severity as Level
from services.domain.severity import at_least
from services.domain.workflow import Gate
from services.reviews import evidence
from services.reviews.facts import StageFacts
from services.reviews.fault import fault

KEPT_UP = Level.HIGH  # where a gate names no bound, findings from here on count until they are fixed


@dataclass(frozen=True)
class CriterionVerdict:
    """`proven` is a test that passed; met without it is a judgement."""

    criterion_id: int
    met: bool
    proven: bool
    evidence: str


@dataclass(frozen=True)
class Verdict:
    """`asks` are the reasons that no agent can mend: a person has to look. `notes` are told, and decide nothing."""

    passed: bool
    reasons: tuple[str, ...]
    findings: tuple[ReportedFinding, ...]
    criteria: tuple[CriterionVerdict, ...] = ()
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def judge(gate: Gate, facts: StageFacts) -> Verdict:
    """Each rule of the gate against the facts. All findings are reported; those a rule counts make it fail."""
    criteria = tuple(
        CriterionVerdict(criterion.criterion_id, *evidence.proof_of(criterion, facts)) for criterion in facts.criteria
    )
    untested = evidence.no_tests(facts.commands) if gate.tests_required else []
    blocking = [one for one in _faults(gate, facts, criteria) if one.fingerprint not in facts.settled]
    asked = [*untested, *(one for one in blocking if evidence.says_so(one, facts.criteria))]
    counted = [finding for finding in facts.findings if _counts(gate, facts, finding)]
    reported = {f.fingerprint: f for f in [*untested, *blocking, *[f for f in facts.findings if f.new]]}
    asks = tuple(dict.fromkeys(_ask(one, facts) for one in asked if one.fingerprint not in facts.settled))
    mended = tuple(one.title for one in [*blocking, *counted] if one not in asked)
    return Verdict(not (mended or asks), (*mended, *asks), tuple(reported.values()), criteria, asks, facts.notes)


def _faults(gate: Gate, facts: StageFacts, criteria: tuple[CriterionVerdict, ...]) -> Iterator[ReportedFinding]:
    if gate.changes_required and not (facts.files_changed and facts.branch_changed):
        yield fault("gate", "no-change", "high", "Nothing was changed", "The run ended without any edit.")
    if gate.commands_pass:
        for command in facts.commands:
            yield from evidence.command_faults(command)
    if gate.tests_required:
        yield from evidence.test_faults(facts)
    if gate.merged and not facts.merged:
        yield fault("gate", "not-merged", "high", "The branch was not merged", "")
    if gate.criteria_met:
        texts = {c.criterion_id: c.text for c in facts.criteria}
        for verdict in criteria:
            if not verdict.met:
                title = f"Not met: {texts[verdict.criterion_id]}"
                yield fault("gate", "criterion", "medium", title, verdict.evidence)


def _counts(gate: Gate, facts: StageFacts, finding: ReportedFinding) -> bool:
    """A new finding counts: from the gate's bound on until it is fixed, below it for one round, or noise would never
    let a task through."""
    if not finding.new or finding.fingerprint in facts.settled:
        return False
    return at_least(Level(finding.severity), gate.findings_below or KEPT_UP) or finding.fingerprint not in facts.told


def _ask(finding: ReportedFinding, facts: StageFacts) -> str:
    said = evidence.says_so(finding, facts.criteria)
    return f"{finding.title} (the task asks for it: {said})" if said else finding.title
