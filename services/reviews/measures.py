"""Rules about coverage, lint, proofs and an approval. What nobody measured fails, and says what would measure it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from services.contract.run_result import ReportedFinding
from services.domain.gate import Gate, ProofRule
from services.reviews.facts import StageFacts
from services.reviews.fault import fault

COVERAGE_WAY = (
    "Let the test command leave a coverage report (coverage.xml or lcov), and name it in the project's settings."
)
LINT_WAY = "Give the project a command `lint` that leaves a report, and the stage a step that runs it."


def measure_faults(rule: str, gate: Gate, facts: StageFacts) -> Iterator[ReportedFinding]:
    """Of one of the rules that this room knows; none for another's."""
    if rule in ("coverage_at_least", "coverage_drop"):
        yield from _coverage(rule, gate, facts)
    elif rule in ("lint_at_most", "lint_not_worse"):
        yield from _lint(rule, gate, facts)
    elif rule == "proofs":
        for wanted in gate.proofs:
            found = sum(fits(wanted, proof.kind, proof.name) for proof in facts.proofs)
            if found < wanted.at_least:
                title = f"The proof is missing: {proof_words(wanted)}"
                yield fault(
                    "gate", rule, "medium", title, f"There are {found} of it. A step leaves it, or you bring it."
                )
    elif rule == "approved" and not facts.approved:
        yield fault(
            "gate", rule, "high", "Nobody approved this change", "Move the task to the stage again, and approve."
        )


def fits(wanted: ProofRule, kind: str, name: str) -> bool:
    return wanted.kind in (None, kind) and fnmatchcase(name, wanted.name)


def proof_words(wanted: ProofRule) -> str:
    kind = (wanted.kind or "proof").replace("_", " ")
    named = "" if wanted.name == "*" else f" named {wanted.name}"
    return f"{wanted.at_least} × {kind}{named}"


def _coverage(rule: str, gate: Gate, facts: StageFacts) -> Iterator[ReportedFinding]:
    if facts.coverage is None:
        yield fault("gate", rule, "medium", "The tests' coverage was not measured", COVERAGE_WAY)
    elif rule == "coverage_at_least":
        if facts.coverage < (gate.coverage_at_least or 0):
            title = (
                f"The tests cover {facts.coverage:.1f} % of the lines, and {gate.coverage_at_least:g} % are asked for"
            )
            yield fault("gate", rule, "medium", title, "Add tests for what the change brought.")
    elif facts.coverage_base is None:
        yield fault("gate", rule, "medium", "The merge base's coverage was not measured", COVERAGE_WAY)
    elif facts.coverage_base - facts.coverage > (gate.coverage_drop or 0):
        title = f"The tests cover {facts.coverage:.1f} % of the lines, and covered {facts.coverage_base:.1f} % before"
        yield fault("gate", rule, "medium", title, "Add tests for what the change brought.")


def _lint(rule: str, gate: Gate, facts: StageFacts) -> Iterator[ReportedFinding]:
    if facts.lint is None:
        yield fault("gate", rule, "medium", "No linter counted its problems", LINT_WAY)
    elif rule == "lint_at_most":
        if gate.lint_at_most is not None and facts.lint > gate.lint_at_most:
            title = f"The linter finds {facts.lint} problems, and {gate.lint_at_most} are allowed"
            yield fault("gate", rule, "medium", title, "Mend what the linter names.")
    elif facts.lint_base is None:
        yield fault("gate", rule, "medium", "The merge base's problems were not counted", LINT_WAY)
    elif facts.lint > facts.lint_base:
        title = f"The linter finds {facts.lint} problems, and found {facts.lint_base} before"
        yield fault("gate", rule, "medium", title, "Mend those that the change brought.")
