"""RunResult: how a job ended, with the facts it measured and the artifacts that prove them."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from services.contract.asking import AskedQuestion, Wanted
from services.contract.coverage import Coverage
from services.contract.learned import Learned
from services.contract.run_spec import Wire
from services.domain.proof_kinds import ProofKind
from services.redaction import KNOWN

Severity = Literal["critical", "high", "medium", "low"]


class Usage(Wire):
    """Tokens and money of the job's model calls. `cost` is in US dollars."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    model_calls: int = 0


class Artifact(Wire):
    """A file the job left; fetched by hash from `GET /jobs/{run}/{step}/artifacts/{sha256}`."""

    name: str
    kind: ProofKind
    sha256: str
    size: int
    media_type: str


class TestCase(Wire):
    """One test of a report. `id` is `classname::name`, stable between two runs of the same suite."""

    __test__: ClassVar[bool] = False  # no test of ours, though its name begins like one

    id: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    seconds: float = 0.0
    message: str = ""
    file: str | None = None
    line: int | None = None


class TestReport(Wire):
    """A parsed JUnit report."""

    __test__: ClassVar[bool] = False

    passed: int
    failed: int
    errors: int
    skipped: int
    seconds: float
    cases: tuple[TestCase, ...]


class ReportedFinding(Wire):
    """A fault a tool reported. `fingerprint` is stable when lines move; `new` means the merge base does not have it."""

    tool: str
    rule: str
    severity: Severity
    title: str
    message: str
    file: str | None = None
    line: int | None = None
    fingerprint: str
    new: bool = True


class RunResult(Wire):
    """The end of a job.

    `outcome` says how the executor ended, not whether a gate is satisfied: `completed` (it did its work: a failing test
    suite is a completed command with exit code 1), `failed` (it could not: the model answered nonsense, a limit was
    hit), `asked` (it can't go on without a person's answer to its `questions`; what it changed does not count),
    `cancelled`, or `lost` (infrastructure: safe to do again). `reason` is a stable code for failed and lost:
    `gateway_unreachable`, `model_unreachable`, `model_refused`, `model_missing`, `model_offline`, `model_nonsense`,
    `model_truncated`, `edit_failed` (its edits do not fit the files), `edit_refused` (only where it may not write),
    `no_change`, `tests_failed`, `turn_limit`, `token_limit`, `loop`, `budget_exceeded`, `context_exceeded`,
    `run_not_active`, `time_limit`, `stall`, `output_limit`, `cage_unavailable`, `setup_failed`, `interrupted`,
    `crashed`, `bad_spec`. `sentence` tells a person what happened and what to do. `lint` is how many problems a linter
    counted. `notes` say in sentences what could not be measured or does not count; `unmeasured` are the tools that
    could not look, so that what they reported before still stands. `wanted` are the tasks and bugs that it asked to be
    made, and what was refused of that; `learned` is what later agents of the task shall know.
    """

    outcome: Literal["completed", "failed", "asked", "cancelled", "lost"]
    reason: str = ""
    sentence: str = ""
    exit_code: int | None = None
    answer: Any = None
    files_touched: tuple[str, ...] = ()
    tests: TestReport | None = None
    findings: tuple[ReportedFinding, ...] = ()
    coverage: Coverage | None = None
    lint: int | None = None
    notes: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    questions: tuple[AskedQuestion, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    learned: tuple[Learned, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    usage: Usage = Usage()
    cage: str = "none"
    incarnation: int = 1
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @model_validator(mode="after")
    def _asks_with_words(self) -> "RunResult":
        if (self.outcome == "asked") != bool(self.questions):
            raise ValueError("an asked result has questions, and no other has")
        return self


def without_secrets(result: RunResult) -> RunResult:
    """The result as it may be kept and shown, by what this process knows of secrets. The same one, if it holds none."""
    text = result.model_dump_json()
    clean = KNOWN(text)
    return result if clean == text else RunResult.model_validate_json(clean)


class JobState(Wire):
    """What `PUT` and `GET /jobs/{run_id}/{step}` answer. An `interrupted` job is started again by the same `PUT`.

    `held`, of a running one that was paused: its processes are `stopped`, or it is `ending_turn`: a model's answer is
    awaited and will be kept, and nothing follows it.
    """

    run_id: str
    step: str
    state: Literal["running", "finished", "interrupted"]
    incarnation: int
    last_seq: int
    started_at: datetime
    result: RunResult | None = None
    held: Literal["stopped", "ending_turn"] | None = None
