"""What a rule expects and what was measured of it, in words for the person who reads the gate."""

from services.domain.gate import Gate
from services.reviews.change_rules import code_of, lines_of, listed
from services.reviews.facts import StageFacts
from services.reviews.measures import fits, proof_words

EXPECTED = {
    "commands_pass": "every command ends with exit code 0, and no test fails that passed before",
    "tests_required": "the project's tests ran, and none was weakened",
    "changes_required": "the run changed files, and the branch differs from its base",
    "criteria_met": "every criterion is met",
    "merged": "the branch is on the main branch",
    "approved": "a person approved this very change",
    "findings": "nothing new that is high or critical, and nothing new that nobody has had a round to fix",
    "lint_not_worse": "no more problems than at the merge base",
    "tests_touched": "where code changed, tests changed too",
    "no_secrets": "nothing in the change looks like a secret",
}


def expected(rule: str, gate: Gate) -> str:
    match rule:
        case "findings_below":
            return f"nothing new of severity {gate.findings_below} or above"
        case "proofs":
            return ", ".join(proof_words(wanted) for wanted in gate.proofs)
        case "coverage_at_least":
            return f"{gate.coverage_at_least:g} % of the lines at least"
        case "coverage_drop":
            return f"at most {gate.coverage_drop:g} points below the merge base"
        case "lint_at_most":
            return f"{gate.lint_at_most} problems at most"
        case "migration_when_models_change" if gate.migration_when_models_change:
            migrations = ", ".join(gate.migration_when_models_change.migrations)
            return f"a new {migrations} where {', '.join(gate.migration_when_models_change.models)} changed"
        case "paths" if gate.paths:
            only = f"only {', '.join(gate.paths.only)}" if gate.paths.only else ""
            never = f"never {', '.join(gate.paths.never)}" if gate.paths.never else ""
            return f"the run changes {'; '.join(filter(None, (only, never))) or 'what it likes'}"
        case "max_files":
            return f"{gate.max_files} files at most"
        case "max_lines":
            return f"{gate.max_lines} lines at most"
        case _:
            return EXPECTED.get(rule, "")


def measured(rule: str, gate: Gate, facts: StageFacts) -> str:
    """Empty where nobody measured it."""
    match rule:
        case "commands_pass":
            said = "; ".join(f"{c.name}: {_exit(c.exit_code)}" for c in facts.commands)
            return said or "nothing was run: the project has no such command"
        case "tests_required":
            return "; ".join(f"{c.name}: {len(c.tests.cases)} tests" for c in facts.commands if c.tests)
        case "changes_required":
            return _files(list(facts.files_changed))
        case "merged" | "approved":
            return "yes" if getattr(facts, rule) else "no"
        case "findings" | "findings_below":
            return f"{sum(finding.new for finding in facts.findings)} new findings"
        case "proofs":
            counts = [sum(fits(one, p.kind, p.name) for p in facts.proofs) for one in gate.proofs]
            return ", ".join(f"{count} of {one.at_least}" for count, one in zip(counts, gate.proofs, strict=True))
        case "coverage_at_least" | "coverage_drop" if facts.coverage is not None:
            before = "" if facts.coverage_base is None else f", {facts.coverage_base:.1f} % at the merge base"
            return f"{facts.coverage:.1f} %{before}"
        case "lint_at_most" | "lint_not_worse" if facts.lint is not None:
            before = "" if facts.lint_base is None else f", {facts.lint_base} at the merge base"
            return f"{facts.lint} problems{before}"
        case "paths" if facts.touched is not None:
            return _files(list(facts.touched))
        case _:
            return _of_change(rule, gate, facts)


def _of_change(rule: str, gate: Gate, facts: StageFacts) -> str:
    if facts.change is None:
        return ""
    match rule:
        case "no_secrets":
            return f"{len(facts.change.secrets)} places in {len(facts.change.files)} files"
        case "max_lines":
            return f"{lines_of(facts.change)} lines"
        case "tests_touched" if gate.tests_touched:
            return f"code: {_files(code_of(gate.tests_touched, facts.change))}"
        case "max_files" | "migration_when_models_change" | "tests_touched":
            return _files([file.path for file in facts.change.files])
        case _:
            return ""


def _files(paths: list[str]) -> str:
    if not paths:
        return "no files"
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"{count}: {listed(paths)}"


def _exit(code: int | None) -> str:
    return "did not end" if code is None else f"exit code {code}"
