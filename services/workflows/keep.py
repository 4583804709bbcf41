"""Keep what a step proved: its artifacts by hash, its result, its numbers."""

import asyncio
import hashlib
from typing import Any

import sqlalchemy as sa

from services.agents.errors import AgentRefused, AgentUnreachable
from services.contract.run_result import Artifact, RunResult
from services.events import log
from services.models.usage import usage_in
from services.models.waiting_runs import REASON
from services.redaction import KNOWN
from services.store.models import Proof, Run, Task
from services.store.plain import Rows, Statement
from services.store.types import now
from services.workflows.bench import bench
from services.workflows.in_hand import change
from services.workflows.learned import keep_learned
from services.workflows.records import Step, record, step_id, text_time

PREVIEW_CHARACTERS = 2_000
_PROOFS: Any = Proof.__table__
_COLUMNS = (
    "created_at", "project_id", "task_id", "run_id", "step", "stage", "kind", "name", "sha256", "size", "media_type",
    "preview", "facts",
)  # fmt: skip
_ADD = Statement(sa.insert(_PROOFS).returning(_PROOFS.c.id), _COLUMNS)


async def keep_proofs(run_id: str, step: Step, result: RunResult) -> list[dict[str, Any]]:
    """Fetches the job's artifacts and stores each by its hash. What an agent lost is said, not hidden; one that is away
    is waited for."""
    kept: list[dict[str, Any]] = []
    for artifact in result.artifacts:
        try:
            data = await _fetched(run_id, step_id(step), artifact.sha256)
        except (AgentUnreachable, AgentRefused) as error:
            kept.append({"artifact": artifact, "missing": str(error)})
            continue
        if hashlib.sha256(data).hexdigest() != artifact.sha256:
            kept.append({"artifact": artifact, "missing": "its bytes do not match its hash"})
            continue
        data = KNOWN.file(data, artifact.media_type)  # the agent took out what it knows; the hub knows more
        digest, size = await asyncio.to_thread(bench().proofs.put, data)  # it waits for the disk
        shown = b"" if artifact.media_type.startswith("image/") else data[:PREVIEW_CHARACTERS]
        preview = shown.decode("utf-8", "replace")
        kept.append({"artifact": artifact, "sha256": digest, "size": size, "preview": preview.replace("\0", "")})
    return kept


async def _fetched(run_id: str, step: str, sha256: str) -> bytes:
    """The artifact's bytes. Raises AgentRefused where the agent has none, AgentUnreachable after a long wait."""
    loop, pause = asyncio.get_running_loop(), 0.1
    deadline = loop.time() + bench().settings.agent_wait_seconds
    while True:
        try:
            return await bench().agent.artifact(run_id, step, sha256)
        except AgentUnreachable:
            if loop.time() > deadline:
                raise
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 1.5)


async def keep_result(
    run_id: str, step: Step, spec: dict[str, Any], result: RunResult, proofs: list[dict[str, Any]], commit: str | None
) -> None:
    """Writes the step's outcome to the run, and its proofs as rows, in one transaction; done twice, there once.

    What was asked of a step that waits for money is kept too: the same words again are answered from the store.
    """
    digest, _size = await asyncio.to_thread(bench().proofs.put, result.model_dump_json().encode())

    def note(rows: Rows, run: Run, task: Task | None) -> None:
        ids = [_proof(rows, run, step, entry, result) for entry in proofs if "missing" not in entry]
        keep_learned(rows, run, task, result)
        usage = usage_in(rows, run_id)
        run.tokens_in, run.tokens_out, run.cost = usage.tokens_in, usage.tokens_out, usage.cost
        run.files_touched = sorted({*run.files_touched, *result.files_touched})
        run.head_sha = commit or run.head_sha
        missing = [f"{entry['artifact'].name}: {entry['missing']}" for entry in proofs if "missing" in entry]
        record(
            run,
            step,
            outcome=result.outcome,
            reason=result.reason,
            incarnation=result.incarnation,
            spec=spec if result.reason == REASON else None,
            sentence=" ".join([result.sentence, *missing]).strip(),
            exit_code=result.exit_code,
            cage=result.cage,
            tests=_counts(result),
            findings=sum(1 for finding in result.findings if finding.new),
            commit=commit,
            proofs=ids,
            result=digest,
            job_started_at=text_time(result.started_at),
            job_finished_at=text_time(result.finished_at),
            finished_at=now().isoformat(),
        )
        told = {"step": step_id(step), "outcome": result.outcome, "tests": _counts(result)}
        log.tell_of_run(rows, "run.step", run, task, **told)

    await change(run_id, note)


def _counts(result: RunResult) -> dict[str, int] | None:
    tests = result.tests
    if tests is None:
        return None
    return {"passed": tests.passed, "failed": tests.failed, "errors": tests.errors, "skipped": tests.skipped}


def _proof(rows: Rows, run: Run, step: Step, entry: dict[str, Any], result: RunResult) -> int:
    artifact: Artifact = entry["artifact"]
    facts: dict[str, Any] = {"exit_code": result.exit_code, "tests": _counts(result)}
    row = {
        "created_at": now(),
        "project_id": run.project_id,
        "task_id": run.task_id,
        "run_id": run.id,
        "step": step_id(step),
        "stage": run.stage,
        "kind": artifact.kind,
        "name": artifact.name,
        "sha256": entry["sha256"],
        "size": entry["size"],
        "media_type": artifact.media_type,
        "preview": entry["preview"],
        "facts": facts,
    }
    return rows.run(_ADD, row)[0][0]
