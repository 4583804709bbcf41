"""The gate: facts in, verdict and findings out. No model's word decides here, and nothing is asked of anyone."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.contract.run_result import ReportedFinding
from services.domain.gate import DIFF_RULES
from services.domain.severity import Severity as Level
from services.domain.severity import at_least
from services.domain.workflow import Gate
from services.reviews import evidence
from services.reviews.change_rules import change_faults
from services.reviews.criteria import CriterionVerdict, verdict_on
from services.reviews.facts import StageFacts
from services.reviews.fault import fault
from services.reviews.measures import measure_faults
from services.reviews.rule_words import expected, measured

NAMED = 5
UNSHOWN = "criterion-unshown"
CRITERION = frozenset({"criterion", UNSHOWN})
ANEW = frozenset({"no-change", "exit-code", "not-merged", "approved"})  # too plain to be settled for all later runs
KEPT_UP = Level.HIGH  # where a gate names no bound, findings from here on count until they are fixed


@dataclass(frozen=True)
class RuleResult:
    """One rule of the gate: what it expects, what was measured, and (where it failed) why, in sentences."""

    rule: str
    passed: bool
    reason: str
    expected: str
    measured: str
    proof_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """`asks` are the reasons that no agent can mend: a person has to look. `notes` are told, and decide nothing.
    `rules` has one result for each rule, in the gate's order. `on_base` are findings that the merge base has already;
    `unmeasured` are the tools that could not look this time.
    """

    passed: bool
    reasons: tuple[str, ...]
    findings: tuple[ReportedFinding, ...]
    criteria: tuple[CriterionVerdict, ...] = ()
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rules: tuple[RuleResult, ...] = ()
    on_base: tuple[ReportedFinding, ...] = ()
    unmeasured: frozenset[str] = frozenset()


def judge(gate: Gate, facts: StageFacts) -> Verdict:
    """Each rule of the gate against the facts. All findings are reported; those a rule counts make it fail."""
    criteria = tuple(verdict_on(criterion, facts) for criterion in facts.criteria)
    untested = evidence.no_tests(facts.commands) if gate.tests_required else []
    by_rule = {rule: list(_faults(rule, gate, facts, criteria)) for rule in gate.rules}
    blocking = [one for faults in by_rule.values() for one in faults if not _is_settled(one, facts)]
    # Without any test no criterion can be proven: that is one question to a person, not a round for an agent.
    asked = [*untested, *(one for one in blocking if (untested and one.rule in CRITERION) or _is_asked(one, facts))]
    counted = [finding for finding in facts.findings if _counts(gate, facts, finding)]
    reported = {f.fingerprint: f for f in [*untested, *blocking, *[f for f in facts.findings if f.new]]}
    asks = tuple(dict.fromkeys(_ask(one, facts) for one in asked if not _is_settled(one, facts)))
    mended = tuple(one.title for one in [*blocking, *counted] if one not in asked)
    if gate.tests_required:
        by_rule["tests_required"] += untested
    if counted or gate.findings_below:
        by_rule["findings_below" if gate.findings_below else "findings"] = counted
    rules = tuple(_result(rule, gate, facts, criteria, faults) for rule, faults in by_rule.items())
    return Verdict(
        passed=not (mended or asks),
        reasons=(*mended, *asks),
        findings=tuple(reported.values()),
        criteria=criteria,
        asks=asks,
        notes=facts.notes,
        rules=rules,
        on_base=tuple(finding for finding in facts.findings if not finding.new),
        unmeasured=facts.unmeasured,
    )


def _result(
    rule: str,
    gate: Gate,
    facts: StageFacts,
    criteria: tuple[CriterionVerdict, ...],
    faults: list[ReportedFinding],
) -> RuleResult:
    """What a person settled before does not count, and is told."""
    failing = list(dict.fromkeys(one.title for one in faults if not _is_settled(one, facts)))
    settled = len({one.fingerprint for one in faults if _is_settled(one, facts)})
    more = f"; and {len(failing) - NAMED} more" if len(failing) > NAMED else ""
    told = "; ".join(failing[:NAMED]) + more or (f"{settled} settled by a person before" if settled else "")
    if rule == "criteria_met":
        said = f"{sum(one.met for one in criteria)} of {len(criteria)} met"
    else:
        said = measured(rule, gate, facts)
    return RuleResult(rule, not failing, told, expected(rule, gate), said, _proof(rule, facts))


def _proof(rule: str, facts: StageFacts) -> int | None:
    kinds = {"commands_pass": "test_result", "tests_required": "test_result", "criteria_met": "test_result",
             "findings_below": "report"}  # fmt: skip
    return next((proof.proof_id for proof in facts.proofs if proof.kind == kinds.get(rule)), None)


def _faults(
    rule: str, gate: Gate, facts: StageFacts, criteria: tuple[CriterionVerdict, ...]
) -> Iterator[ReportedFinding]:
    match rule:
        case "changes_required" if not (facts.files_changed and facts.branch_changed):
            yield fault("gate", "no-change", "high", "Nothing was changed", "The run ended without any edit.")
        case "commands_pass":
            for command in facts.commands:
                yield from evidence.command_faults(command)
        case "tests_required":
            yield from evidence.test_faults(facts)
        case "merged" if not facts.merged:
            yield fault("gate", "not-merged", "high", "The branch was not merged", "")
        case "criteria_met":
            texts = {c.criterion_id: c.text for c in facts.criteria}
            for verdict in criteria:
                if not verdict.met:
                    title = f"{'Not shown' if verdict.unshown else 'Not met'}: {texts[verdict.criterion_id]}"
                    rule = UNSHOWN if verdict.unshown else "criterion"
                    yield fault("gate", rule, "medium", title, verdict.evidence)
        case _ if rule == "paths" or rule in DIFF_RULES:
            yield from change_faults(rule, gate, facts)
        case _:
            yield from measure_faults(rule, gate, facts)


def _counts(gate: Gate, facts: StageFacts, finding: ReportedFinding) -> bool:
    """A new finding counts: from the gate's bound on until it is fixed, below it for one round, or noise would never
    let a task through."""
    if not finding.new or _is_settled(finding, facts):
        return False
    return at_least(Level(finding.severity), gate.findings_below or KEPT_UP) or finding.fingerprint not in facts.told


def _is_settled(finding: ReportedFinding, facts: StageFacts) -> bool:
    return finding.fingerprint in facts.settled and finding.rule not in ANEW


def _is_asked(finding: ReportedFinding, facts: StageFacts) -> bool:
    """No round of DEV shows what is there already."""
    return finding.rule == UNSHOWN or evidence.says_so(finding, facts.criteria) is not None


def _ask(finding: ReportedFinding, facts: StageFacts) -> str:
    said = evidence.says_so(finding, facts.criteria)
    return f"{finding.title} (the task asks for it: {said})" if said else finding.title
