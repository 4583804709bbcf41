"""What was proven of a task's change, what a model only judged, and what nobody has looked at yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.reads.facts import Ended, RunFacts, ended_steps, of_kind, runs_of
from main_api.schemas.task import EvidenceOut
from services.contract.run_result import RunResult, TestReport
from services.domain.errors import HubError
from services.domain.gate import ProofRule
from services.domain.states import FindingState, TaskState
from services.proofs.files import ProofStore
from services.repos.errors import RevisionMissing
from services.repos.repos import Repos
from services.reviews.measures import fits, proof_words
from services.roles.read import workflow_by_id
from services.store.models import Criterion, Finding, Project, Proof, Run, Task

OWN_CHECK = "criterion-"  # steps that are one criterion's alone (services/workflows/records.py)
LOOK_BACK = 50  # runs that may have measured the merge base


async def read_evidence(session: AsyncSession, task: Task, store: ProofStore) -> list[EvidenceOut]:
    """All but the merge: tests, each criterion, scanners, demanded proofs, in that order; of the task's current round.

    What no stage of its workflow looks at is not said to be missing.
    """
    workflow = await workflow_by_id(session, task.workflow_id)
    steps = [step for stage in workflow.stages for step in stage.steps]
    looks = {step.executor for step in steps}
    judges = any(step.executor == "tools" and step.produces == "criteria_checks" for step in steps)
    ended = ended_steps((await runs_of(session, [task.id])).get(task.id, []), task.round)
    proofs = await _proofs(session, task.id)
    tests, scanners = await _tests(session, task, ended, proofs, store), await _scanners(session, task, ended, proofs)
    return [
        *([tests] if "command" in looks or tests.state != "missing" else []),
        *(line for line in await _criteria(session, task, ended) if judges or line.state != "missing"),
        *([scanners] if "scan" in looks or scanners.state != "missing" else []),
        *(_demanded(rule, proofs) for stage in workflow.stages for rule in stage.gate.proofs),
    ]


async def has_merge(session: AsyncSession, task: Task) -> bool:
    """Whether its work is to be merged, or was."""
    return task.merged_sha is not None or (await workflow_by_id(session, task.workflow_id)).merging is not None


async def merge_evidence(repos: Repos, task: Task, project: Project) -> EvidenceOut:
    """Whether the branch merges, tried dry against the newest commit the hub has seen. Runs git."""
    target = project.default_branch
    merged = _line("proven", f"merged onto {target}", task.merged_sha[:7]) if task.merged_sha else None
    if merged and task.state == TaskState.DONE:
        return merged
    if task.branch is None:
        return merged or _line("missing", "there is no branch to merge yet", "")
    try:
        seen = await repos.target(project.id, Path(project.workspace_path), target)
        if merged and await repos.contains(project.id, seen, task.branch):
            return merged
        dry = await repos.dry_merge(project.id, task.branch, seen)
    except RevisionMissing:
        return _line("missing", "its branch is not in the hub's mirror", "")
    except HubError as error:  # the workspace is away or busy: that is no fault of the change
        return _line("missing", f"the merge could not be tried: {error.sentence}", "dry run")
    if dry.clean:
        return _line("proven", f"merges cleanly onto {target}", "dry run")
    return _line("failed", f"conflicts with {target} in {', '.join(dry.conflicts[:3])}", "dry run")


async def _tests(
    session: AsyncSession, task: Task, ended: Sequence[Ended], proofs: dict[int, Proof], store: ProofStore
) -> EvidenceOut:
    """The newest command with a report; else the newest command, which proves its exit code only."""
    commands = [one for one in of_kind(ended, "command") if not one[1]["name"].startswith(OWN_CHECK)]
    for run, entry in commands:
        counts = entry.get("tests")
        if not counts:
            continue
        failed = counts["failed"] + counts["errors"]
        proof = _proof_of(entry, proofs, "test_result")
        label = f"junit {proof.sha256[:4]}" if proof else run.stage
        if failed or entry.get("exit_code"):
            said = (
                f"{failed} of {_some(failed + counts['passed'], 'test')} fail" if failed else "the test command fails"
            )
            return _line("failed", said, label, proof)
        new = await _new_tests(session, task, commands, store)
        told = f", {new} new" if new else ""
        return _line("proven", f"{_some(counts['passed'], 'test')} pass{'es' if counts['passed'] == 1 else ''}{told}",
                     label, proof)  # fmt: skip
    for _run, entry in commands:
        ok = entry.get("exit_code") == 0
        said = f"{entry['name']} {'passes' if ok else 'fails'}, without a report of its tests"
        return _line("proven" if ok else "failed", said, f"exit code {entry.get('exit_code')}")
    return _line("missing", "the tests have not run yet", "")


async def _new_tests(session: AsyncSession, task: Task, commands: Sequence[Ended], store: ProofStore) -> int | None:
    """Tests that pass and that the merge base does not have, by the newest command that was measured there too."""
    for run, entry in commands:
        now = _report(store, entry)
        base = await _base_report(session, task, run, entry["name"], store) if now else None
        if now and base:
            before = {case.id for case in base.cases}
            return sum(1 for case in now.cases if case.outcome == "passed" and case.id not in before)
    return None


async def _base_report(
    session: AsyncSession, task: Task, run: RunFacts, name: str, store: ProofStore
) -> TestReport | None:
    """Measured once a base, by whichever run of the project came first."""
    query = sa.select(Run.details["steps"]).where(Run.project_id == task.project_id, Run.base_sha == run.base_sha)
    for steps in await session.scalars(query.order_by(Run.queued_at.desc()).limit(LOOK_BACK)):
        for entry in (steps or {}).values():
            if entry.get("name") == f"{name}-base" and entry.get("outcome") == "completed":
                return _report(store, entry)
    return None


def _report(store: ProofStore, entry: dict[str, Any]) -> TestReport | None:
    digest = entry.get("result")
    if not isinstance(digest, str) or not store.path(digest).is_file():
        return None
    return RunResult.model_validate_json(store.get(digest)).tests


async def _criteria(session: AsyncSession, task: Task, ended: Sequence[Ended]) -> list[EvidenceOut]:
    query = sa.select(Criterion).where(Criterion.task_id == task.id).order_by(Criterion.position, Criterion.id)
    judge = next((run.role or run.stage for run, _ in of_kind(ended, "tools")), "a model")
    return [_criterion(row, judge) for row in await session.scalars(query)]


def _criterion(row: Criterion, judge: str) -> EvidenceOut:
    if row.met is None:
        return EvidenceOut(state="missing", sentence=row.text, proof_id=None, label="not looked at yet")
    if not row.met:
        return EvidenceOut(state="failed", sentence=row.text, proof_id=None, label=row.evidence or "not met")
    if row.how == "by_person":
        return EvidenceOut(
            state="judged", sentence=f"“{row.text}” by a person's word", proof_id=row.proof_id, label=row.evidence
        )
    if row.how != "proven":
        said, at = f"“{row.text}” judged by {judge}, not proven", f" ({row.place})" if row.place else ""
        return EvidenceOut(state="judged", sentence=said, proof_id=row.proof_id, label=f"{row.evidence}{at}")
    return EvidenceOut(state="proven", sentence=row.text, proof_id=row.proof_id, label=_test_name(row.evidence))


def _test_name(test: str) -> str:
    """`tests.test_day::test_close_day` is told as `test_close_day`."""
    return test.rpartition("::")[2] or test


async def _scanners(session: AsyncSession, task: Task, ended: Sequence[Ended], proofs: dict[int, Proof]) -> EvidenceOut:
    for run, entry in of_kind(ended, "scan"):
        reports = [proofs[i] for i in entry.get("proofs", ()) if i in proofs and proofs[i].kind == "report"]
        names = ", ".join(proof.name.removesuffix(".json") for proof in reports) or "scanners"
        proof = reports[0] if reports else None
        label = f"report {proof.sha256[:4]}" if proof else run.stage
        if not entry.get("findings"):
            return _line("proven", f"no new findings ({names})", label, proof)
        open_now = await session.scalars(
            sa.select(Finding.severity).where(
                Finding.task_id == task.id, Finding.stage == run.stage, Finding.state == FindingState.OPEN
            )
        )
        left = list(open_now)
        told = f"{_some(len(left), 'finding')} open ({names})" if left else f"no open findings ({names})"
        return _line("failed" if left else "proven", told, label, proof)
    return _line("missing", "the scanners have not looked yet", "")


def _demanded(rule: ProofRule, proofs: dict[int, Proof]) -> EvidenceOut:
    """A proof that a gate asks for, as a report."""
    found = [proof for proof in proofs.values() if fits(rule, proof.kind, proof.name)]
    if len(found) < rule.at_least:
        return _line("missing", f"asked for and not there yet: {proof_words(rule)}", "")
    newest = max(found, key=lambda proof: proof.id)
    return _line("proven", f"{newest.name} is there", f"{newest.kind.replace('_', ' ')} {newest.sha256[:4]}", newest)


async def _proofs(session: AsyncSession, task_id: int) -> dict[int, Proof]:
    return {proof.id: proof for proof in await session.scalars(sa.select(Proof).where(Proof.task_id == task_id))}


def _proof_of(entry: dict[str, Any], proofs: dict[int, Proof], kind: str) -> Proof | None:
    ids = entry.get("proofs")
    found = [proofs[i] for i in ids if i in proofs] if isinstance(ids, list) else []
    return next((proof for proof in found if proof.kind == kind), None)


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _line(state: str, sentence: str, label: str, proof: Proof | None = None) -> EvidenceOut:
    return EvidenceOut.model_validate(
        {"state": state, "sentence": sentence, "proof_id": proof.id if proof else None, "label": label}
    )
