"""What a stage's steps measured, as its gate reads it."""

from dataclasses import dataclass

from services.contract.run_result import ReportedFinding, TestReport
from services.reviews.weakened import Weakening


@dataclass(frozen=True)
class CommandFacts:
    """A command that ended: its exit code and, where it left one, its parsed report; `base` is the merge base's.

    `old` is what the merge base's own tests said of the change; None where the change left them as they were.
    `no_report` says why there is none that counts. `base_exit` is the merge base's exit code, where it was run there;
    `worse`: a linter counts more than it did there.
    """

    name: str
    exit_code: int | None
    tests: TestReport | None = None
    base: TestReport | None = None
    tail: str = ""
    old: TestReport | None = None
    no_report: str = ""
    base_exit: int | None = None
    worse: bool = False


@dataclass(frozen=True)
class CriterionFacts:
    """A criterion and what a run said of it: the test it named, or a judgement and the place that shows it.

    `is_there`: that place exists, in the proof `place_proof` or else in the diff. `command` is its own, with the exit
    code (None: it did not end). `by_person` is what a person said of it, with `evidence`; None: nothing.
    """

    criterion_id: int
    position: int
    text: str
    claimed: bool | None = None
    test: str | None = None
    note: str = ""
    check: str = ""
    command: tuple[str, int | None] | None = None
    place: str = ""
    is_there: bool = False
    place_proof: int | None = None
    by_person: bool | None = None
    evidence: str = ""


@dataclass(frozen=True)
class ProofFacts:
    """A proof of the stage: left by its run, or brought to it by a person."""

    proof_id: int
    kind: str
    name: str


@dataclass(frozen=True)
class ChangedPath:
    """A file that differs between two commits. `status` as in services/repos/diff.py; lines are 0 for binary files."""

    path: str
    status: str
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class ChangeFacts:
    """What the task's branch changes since its base. `secrets` are places (`path:line`, what it looks like), never the
    secret; `unread` says why not all of it could be looked through."""

    files: tuple[ChangedPath, ...]
    secrets: tuple[tuple[str, str], ...] = ()
    unread: str = ""


@dataclass(frozen=True)
class StageFacts:
    """All that a stage's steps measured in one run.

    `coverage` is the lines that the tests ran, in percent; `lint` how many problems the linter counted; each with what
    the merge base had. None where nothing measured it. `weakened` is what the change did to tests that were there,
    `hollow` are ids of its tests in which nothing can fail. Of findings, `settled` are the fingerprints that a person
    waived or gave a task of their own, `told` those that have had a round to be fixed in. `notes` say what was not
    measured, and why; `unmeasured` are the tools that could not look. `change` is the branch's, `touched` the paths
    that this run alone changed; None where no rule asks. `approved`: a person approved this very change here.
    """

    commands: tuple[CommandFacts, ...] = ()
    findings: tuple[ReportedFinding, ...] = ()
    criteria: tuple[CriterionFacts, ...] = ()
    files_changed: tuple[str, ...] = ()
    branch_changed: bool = False
    merged: bool = False
    coverage: float | None = None
    coverage_base: float | None = None
    lint: int | None = None
    lint_base: int | None = None
    weakened: tuple[Weakening, ...] = ()
    hollow: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    proofs: tuple[ProofFacts, ...] = ()
    change: ChangeFacts | None = None
    touched: tuple[str, ...] | None = None
    approved: bool = False
    unmeasured: frozenset[str] = frozenset()
