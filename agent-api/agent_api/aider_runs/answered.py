"""What `POST /api/aider/execute` answers: how the edit ended, what changed, what Aider said, what it cost."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.contract.direct_call import DirectUsage
from services.contract.run_result import Artifact, JobState, RunResult
from services.contract.run_spec import RunSpec

DIFF_CHARACTERS = 200_000


class TestsRun(BaseModel):
    """One run of the test command, after one edit. `output` is its end; `exit_code` null means it was stopped."""

    __test__ = False

    passed: bool
    exit_code: int | None
    output: str


class AiderUsage(BaseModel):
    """By the book of the gateway, in US dollars. `measured` false: it could not be asked, and the cost is unknown."""

    tokens_in: int
    tokens_out: int
    cost: float | None
    model_calls: int
    measured: bool


class AiderAnswer(BaseModel):
    """`success` means: files were changed, and the tests that were asked for pass.

    Otherwise `outcome` and `reason` say how it ended (docs/aider.md lists them) and `sentence` what to do; a failed
    edit is taken back, but for `tests_failed`, whose change stays to be looked at. `diff` is cut at 200,000 characters,
    which `diff_truncated` tells; the artifact `change.diff` has all of it, `transcript.md` the whole talk.
    """

    success: bool
    id: str
    run_id: str = Field(description="Watch it: GET /jobs/{run_id}/aider/events. Its artifacts are there too")
    outcome: Literal["completed", "failed", "asked", "cancelled", "lost"]
    reason: str
    sentence: str
    files: tuple[str, ...]
    diff: str
    diff_truncated: bool
    commits: tuple[str, ...]
    said: str
    refused: tuple[str, ...] = Field(description="What the model wanted to write, and may not")
    edits: int
    tests: tuple[TestsRun, ...]
    usage: AiderUsage
    model: str
    edit_format: str
    cage: str
    seconds: float | None
    artifacts: tuple[Artifact, ...]


def answer_of(
    name: str, spec: RunSpec, state: JobState, diff_file: Path | None, paid: DirectUsage | None
) -> AiderAnswer:
    """The answer of a job that has ended. `paid` None: nobody can say what it cost."""
    result = state.result
    assert result is not None
    assert spec.model is not None
    told: dict[str, Any] = result.answer or {}
    diff = diff_file.read_bytes().decode(errors="replace") if diff_file else ""
    commit = told.get("commit")
    took = (
        (result.finished_at - result.started_at).total_seconds() if result.finished_at and result.started_at else None
    )
    return AiderAnswer(
        success=result.outcome == "completed",
        id=name,
        run_id=state.run_id,
        outcome=result.outcome,
        reason=result.reason,
        sentence=result.sentence,
        files=result.files_touched,
        diff=diff[:DIFF_CHARACTERS],
        diff_truncated=len(diff) > DIFF_CHARACTERS,
        commits=(commit,) if commit else (),
        said=told.get("said", ""),
        refused=tuple(told.get("refused", ())),
        edits=told.get("edits", 0),
        tests=tuple(TestsRun(**facts) for facts in told.get("tests", ())),
        usage=_usage(result, paid),
        model=spec.model.model,
        edit_format=spec.model.edit_format,
        cage=result.cage,
        seconds=took,
        artifacts=result.artifacts,
    )


def _usage(result: RunResult, paid: DirectUsage | None) -> AiderUsage:
    if paid is None:
        seen = result.usage
        return AiderUsage(
            tokens_in=seen.tokens_in,
            tokens_out=seen.tokens_out,
            cost=None,
            model_calls=seen.model_calls,
            measured=False,
        )
    return AiderUsage(
        tokens_in=paid.tokens_in, tokens_out=paid.tokens_out, cost=paid.cost, model_calls=paid.calls, measured=True
    )
