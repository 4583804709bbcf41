"""A gate: what must hold before a task leaves a stage. Every rule is about facts that somebody measured."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.domain.proof_kinds import ProofKind
from services.domain.severity import Severity

Glob = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\x00][^\x00]*$")]
Globs = Annotated[tuple[Glob, ...], Field(max_length=100)]
CODE: tuple[str, ...] = (
    "*.py", "*.js", "*.jsx", "*.ts", "*.tsx", "*.mjs", "*.vue", "*.go", "*.rs", "*.java", "*.kt", "*.rb", "*.php",
    "*.c", "*.h", "*.cc", "*.cpp", "*.hpp", "*.cs", "*.swift", "*.sh",
)  # fmt: skip
TESTS: tuple[str, ...] = (
    "test_*", "*_test.*", "*.test.*", "*.spec.*", "conftest.py", "tests/**", "**/tests/**", "test/**", "**/test/**",
    "**/__tests__/**", "spec/**", "**/src/test/**", "*Test.java", "*Test.kt", "*_spec.rb",
)  # fmt: skip


class Part(BaseModel):
    """Frozen, and strict about unknown fields: a misspelt one is a fault, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProofRule(Part):
    """Proofs the stage must have left, or a person brought to it: of a kind, with a name that the pattern fits."""

    kind: ProofKind | None = None
    name: Glob = "*"
    at_least: int = Field(default=1, ge=1, le=100)


class TestsTouched(Part):
    """Where code changed, tests must have changed too. Patterns of both; a path that fits `tests` is no code."""

    __test__ = False

    code: Globs = CODE
    tests: Globs = TESTS


class MigrationRule(Part):
    """Where a file that fits `models` changed, one that fits `migrations` must have been added."""

    models: Globs = Field(min_length=1)
    migrations: Globs = Field(min_length=1)


class PathRule(Part):
    """What the stage's own run may change: what fits `only`, where there is any, and nothing that fits `never`."""

    only: Globs = ()
    never: Globs = ()


def _with_defaults(value: Any) -> Any:
    """`tests_touched: true` means the patterns of this file."""
    return {} if value is True else None if value is False else value


class Gate(Part):
    """The rules; those left out don't count. A rule whose fact is missing fails, and says what would measure it.

    commands_pass: every command ends with exit code 0, and no test fails or is gone that passed at the merge base.
    tests_required: there is a test command, and its report has tests. changes_required: the run changed files, and the
    branch differs from its base. criteria_met: each criterion is met, by the test it names or as judged. merged: the
    branch is on the main branch. approved: a person approved this very change at this stage. findings_below: nothing
    new of this severity or above. proofs: what must be there. coverage_at_least: percent of lines. coverage_drop: how
    many points it may lie below the merge base's. lint_at_most: problems. lint_not_worse: no more problems than the
    merge base has. tests_touched, no_secrets, migration_when_models_change, max_files, max_lines (added and removed):
    of the branch's whole change. paths: of what this stage's run changed.
    """

    commands_pass: bool = False
    tests_required: bool = False
    changes_required: bool = False
    criteria_met: bool = False
    merged: bool = False
    approved: bool = False
    findings_below: Severity | None = None
    proofs: tuple[ProofRule, ...] = Field(default=(), max_length=20)
    coverage_at_least: float | None = Field(default=None, ge=0, le=100)
    coverage_drop: float | None = Field(default=None, ge=0, le=100)
    lint_at_most: int | None = Field(default=None, ge=0)
    lint_not_worse: bool = False
    tests_touched: Annotated[TestsTouched | None, BeforeValidator(_with_defaults)] = None
    no_secrets: bool = False
    migration_when_models_change: MigrationRule | None = None
    paths: PathRule | None = None
    max_files: int | None = Field(default=None, ge=1)
    max_lines: int | None = Field(default=None, ge=1)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of those that count, in the order of the fields."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return tuple(name for name, value in values.items() if value is not False and value is not None and value != ())

    @property
    def reads_change(self) -> bool:
        """Whether a rule is about the branch's whole change."""
        return bool(DIFF_RULES.intersection(self.rules))


DIFF_RULES = frozenset({"tests_touched", "no_secrets", "migration_when_models_change", "max_files", "max_lines"})
