"""Rules about what changed: the branch since its base, and what the stage's own run touched."""

from collections.abc import Iterator

from services.contract.run_result import ReportedFinding
from services.domain.gate import Gate, MigrationRule, PathRule, TestsTouched
from services.domain.globs import named_by
from services.domain.test_files import is_test
from services.reviews.facts import ChangeFacts, StageFacts
from services.reviews.fault import fault

NAMED = 5


def change_faults(rule: str, gate: Gate, facts: StageFacts) -> Iterator[ReportedFinding]:
    """Of one of the rules in `Gate.reads_change`, or of `paths`."""
    if rule == "paths" and gate.paths is not None:
        yield from _paths(gate.paths, facts.touched)
    elif facts.change is None:
        yield fault("gate", rule, "high", "The branch's change could not be measured", "There is no branch to look at.")
    elif rule == "tests_touched" and gate.tests_touched is not None:
        yield from _tests_touched(gate.tests_touched, facts.change)
    elif rule == "no_secrets":
        yield from _secrets(facts.change)
    elif rule == "migration_when_models_change" and gate.migration_when_models_change is not None:
        yield from _migration(gate.migration_when_models_change, facts.change)
    elif rule == "max_files" and gate.max_files is not None and len(facts.change.files) > gate.max_files:
        title = f"The change touches {len(facts.change.files)} files, and {gate.max_files} are allowed"
        yield fault("gate", rule, "medium", title, "Make it smaller, or let a person split the task.")
    elif rule == "max_lines" and gate.max_lines is not None and lines_of(facts.change) > gate.max_lines:
        title = f"The change has {lines_of(facts.change)} lines, and {gate.max_lines} are allowed"
        yield fault("gate", rule, "medium", title, "Make it smaller, or let a person split the task.")


def lines_of(change: ChangeFacts) -> int:
    """Added and removed together."""
    return sum(file.added + file.removed for file in change.files)


def code_of(rule: TestsTouched, change: ChangeFacts) -> list[str]:
    return [f.path for f in change.files if named_by(f.path, rule.code) and not _is_test(rule, f.path)]


def _tests_touched(rule: TestsTouched, change: ChangeFacts) -> Iterator[ReportedFinding]:
    code = code_of(rule, change)
    touched = any(_is_test(rule, file.path) and file.status != "deleted" for file in change.files)
    if code and not touched:
        title = f"Code changed and no test did: {listed(code)}"
        yield fault("gate", "tests_touched", "medium", title, "Add or change a test that shows the change.")


def _is_test(rule: TestsTouched, path: str) -> bool:
    return named_by(path, rule.tests) or (rule.tests == TestsTouched().tests and is_test(path))


def _secrets(change: ChangeFacts) -> Iterator[ReportedFinding]:
    if change.unread:
        yield fault("gate", "no_secrets", "high", "Not all of the change was looked through", change.unread)
    for place, looks_like in change.secrets:
        path, _, line = place.rpartition(":")
        title = f"{place} looks like a secret: {looks_like}"
        found = fault("gate", "no_secrets", "high", title, "Take it out, and give it by the environment.", path)
        yield found.model_copy(update={"line": int(line)}) if line.isdigit() else found


def _migration(rule: MigrationRule, change: ChangeFacts) -> Iterator[ReportedFinding]:
    models = [file.path for file in change.files if named_by(file.path, rule.models)]
    added = any(file.status in ("added", "renamed") and named_by(file.path, rule.migrations) for file in change.files)
    if models and not added:
        title = f"Models changed without a migration: {listed(models)}"
        message = f"Add one that fits {', '.join(rule.migrations)}."
        yield fault("gate", "migration_when_models_change", "high", title, message)


def _paths(rule: PathRule, touched: tuple[str, ...] | None) -> Iterator[ReportedFinding]:
    if touched is None:
        title = "What the run changed could not be measured"
        yield fault("gate", "paths", "high", title, "Its worktree has no checkpoint to compare with.")
        return
    for path in touched:
        if named_by(path, rule.never) or (rule.only and not named_by(path, rule.only)):
            title = f"{path} was changed, which this stage may not do"
            yield fault("gate", "paths", "high", title, f"Take back what was done to {path} here.", path)


def listed(paths: list[str]) -> str:
    more = len(paths) - NAMED
    return ", ".join(paths[:NAMED]) + (f" and {more} more" if more > 0 else "")
