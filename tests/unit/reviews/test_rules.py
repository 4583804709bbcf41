# ruff: noqa: E501 - a rule, its facts and its sentence on one line
"""Rules of a gate over what changed and what was measured: each lets pass what it should, and names what it stops."""

from dataclasses import replace

import pytest

from services.contract.run_result import TestReport
from services.domain.gate import MigrationRule, PathRule, ProofRule, TestsTouched
from services.domain.globs import named_by
from services.domain.workflow import Gate
from services.reviews.facts import ChangedPath, ChangeFacts, CommandFacts, ProofFacts, StageFacts
from services.reviews.gate import judge
from services.reviews.secrets_in_change import secret_files, secrets_in

NONE = StageFacts()
MODELS = Gate(migration_when_models_change=MigrationRule(models=("**/models/*.py",), migrations=("alembic/versions/*.py",)))  # fmt: skip
DOCS = Gate(paths=PathRule(only=("*.md", "docs/**")))


def change(*paths: str, status: str = "modified", lines: int = 1) -> StageFacts:
    return replace(NONE, change=ChangeFacts(tuple(ChangedPath(path, status, lines) for path in paths)))


ADDED = replace(
    NONE,
    change=ChangeFacts((ChangedPath("a/models/x.py", "modified"), ChangedPath("alembic/versions/1.py", "added"))),
)
CASES = [
    (Gate(tests_touched=TestsTouched()), change("till/day.py", "tests/test_day.py"), ""),
    (Gate(tests_touched=TestsTouched()), change("README.md"), ""),
    (Gate(tests_touched=TestsTouched()), change("till/day.py", "README.md"), "Code changed and no test did: till/day.py"),
    (Gate(tests_touched=TestsTouched()), change("src/a.ts", "src/a.test.ts"), ""),
    (Gate(tests_touched=TestsTouched(code=("*.sql",))), change("a.sql"), "Code changed and no test did: a.sql"),
    (Gate(tests_touched=TestsTouched()), NONE, "The branch's change could not be measured"),
    (Gate(no_secrets=True), change("a.py"), ""),
    (Gate(no_secrets=True), replace(NONE, change=ChangeFacts((), (("a.py:3", "AWS key"),))), "a.py:3 looks like a secret: AWS key"),
    (Gate(no_secrets=True), replace(NONE, change=ChangeFacts((), (), "too large")), "Not all of the change was looked through"),
    (MODELS, change("a/models/x.py"), "Models changed without a migration: a/models/x.py"),
    (MODELS, change("a/other/x.py"), ""),
    (MODELS, ADDED, ""),
    (DOCS, replace(NONE, touched=("README.md", "a/b/c.md", "docs/x/y.png")), ""),
    (DOCS, replace(NONE, touched=()), ""),
    (DOCS, replace(NONE, touched=("README.md", "till/day.py")), "till/day.py was changed, which this stage may not do"),
    (Gate(paths=PathRule(never=("*.lock",))), replace(NONE, touched=("uv.lock",)), "uv.lock was changed"),
    (DOCS, NONE, "What the run changed could not be measured"),
    (Gate(max_files=2), change("a", "b"), ""),
    (Gate(max_files=2), change("a", "b", "c"), "The change touches 3 files, and 2 are allowed"),
    (Gate(max_lines=10), change("a", lines=11), "The change has 11 lines, and 10 are allowed"),
    (Gate(max_lines=10), NONE, "The branch's change could not be measured"),
    (Gate(coverage_at_least=80), replace(NONE, coverage=80.0), ""),
    (Gate(coverage_at_least=80), replace(NONE, coverage=79.94), "The tests cover 79.9 % of the lines, and 80 % are asked for"),
    (Gate(coverage_at_least=80), NONE, "The tests' coverage was not measured"),
    (Gate(coverage_drop=0.5), replace(NONE, coverage=79.5, coverage_base=80.0), ""),
    (Gate(coverage_drop=0.5), replace(NONE, coverage=79.0, coverage_base=80.0), "The tests cover 79.0 % of the lines, and covered 80.0 % before"),
    (Gate(coverage_drop=0), replace(NONE, coverage=79.0), "The merge base's coverage was not measured"),
    (Gate(lint_at_most=3), replace(NONE, lint=3), ""),
    (Gate(lint_at_most=3), replace(NONE, lint=4), "The linter finds 4 problems, and 3 are allowed"),
    (Gate(lint_at_most=0), NONE, "No linter counted its problems"),
    (Gate(lint_not_worse=True), replace(NONE, lint=3, lint_base=2), "The linter finds 3 problems, and found 2 before"),
    (Gate(lint_not_worse=True), replace(NONE, lint=3), "The merge base's problems were not counted"),
    (Gate(proofs=(ProofRule(kind="screenshot", name="*.png"),)), NONE, "The proof is missing: 1 × screenshot named *.png"),
    (Gate(proofs=(ProofRule(kind="screenshot"),)), replace(NONE, proofs=(ProofFacts(1, "screenshot", "a.png"),)), ""),
    (Gate(proofs=(ProofRule(at_least=2),)), replace(NONE, proofs=(ProofFacts(1, "log", "a"),)), "The proof is missing: 2 × proof"),
    (Gate(approved=True), NONE, "Nobody approved this change"),
    (Gate(approved=True), replace(NONE, approved=True), ""),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "facts", "said"), CASES, ids=range(len(CASES)))
def test_a_rule_lets_pass_or_names_what_it_stops(gate: Gate, facts: StageFacts, said: str) -> None:
    verdict = judge(gate, facts)
    (result,) = verdict.rules
    assert (verdict.passed, result.passed, result.rule) == (not said, not said, gate.rules[0])
    assert result.expected and result.reason.startswith(said)
    if said:
        assert verdict.findings[0].title.startswith(said)
        assert verdict.findings[0].message  # a way out
    else:
        assert result.measured


def test_every_rule_has_its_result_with_what_shows_it() -> None:
    gate = Gate(commands_pass=True, tests_required=True, criteria_met=True, findings_below="high")
    report = TestReport(passed=0, failed=0, errors=0, skipped=0, seconds=0, cases=())
    facts = StageFacts(
        commands=(CommandFacts("tests", 5, report),), proofs=(ProofFacts(7, "test_result", "junit.xml"),)
    )
    verdict = judge(gate, facts)
    told = {one.rule: (one.passed, one.measured, one.proof_id) for one in verdict.rules}
    assert told == {
        "commands_pass": (True, "tests: exit code 5", 7),
        "tests_required": (False, "tests: 0 tests", 7),
        "criteria_met": (True, "0 of 0 met", 7),
        "findings_below": (True, "0 new findings", None),
    }


def test_what_a_person_settled_does_not_count_and_is_told() -> None:
    facts = change("a", "b", "c")
    first = judge(Gate(max_files=2), facts)
    again = judge(Gate(max_files=2), replace(facts, settled=frozenset({first.findings[0].fingerprint})))
    assert again.passed and again.rules[0].reason == "1 settled by a person before"


PATCH = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,3 +1,4 @@
 one
-KEY = "AKIAIOSFODNN7EXAMPLF"
+two
+KEY = "AKIAIOSFODNN7EXAMPLE"
 three
diff --git a/tests/x.pem b/tests/x.pem
--- /dev/null
+++ b/tests/x.pem
@@ -0,0 +1 @@
+-----BEGIN PRIVATE KEY-----
"""


def test_secrets_are_found_in_added_lines_only_and_never_told() -> None:
    assert secrets_in(PATCH) == (("a.py:3", "AWS key"), ("tests/x.pem:1", "private key"))
    assert secrets_in(PATCH, ["tests/*.pem"]) == (("a.py:3", "AWS key"),)
    assert secret_files(["a.py", "deploy/.env"]) == (("deploy/.env", "by its name"),)
    assert "AKIA" not in str(secrets_in(PATCH))


@pytest.mark.parametrize(
    ("path", "glob", "fits"),
    [
        ("a/b.md", "*.md", True), ("a/b.md", "a/*.md", True), ("a/c/b.md", "a/*.md", False),
        ("a/c/b.md", "a/**", True), ("b.md", "**/b.md", True), ("a/b.md", "**/b.md", True),
        ("docs", "docs/**", False), ("a.mdx", "*.md", False), ("a[1].md", "a[1].md", True),
    ],
)  # fmt: skip
def test_which_paths_a_pattern_names(path: str, glob: str, fits: bool) -> None:
    assert named_by(path, [glob]) is fits
