"""Collect what the run's steps measured, as the gate reads it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from services.contract.run_result import ReportedFinding, RunResult
from services.domain.workflow import Gate
from services.reviews.facts import CommandFacts, StageFacts
from services.reviews.findings import what_is_known
from services.roles.read import active_role
from services.roles.settings import RoleSettings
from services.store.models import Run, Task
from services.workflows import baseline, change_facts, touched_tests
from services.workflows.bench import bench
from services.workflows.criteria_facts import criteria_facts
from services.workflows.records import compares, is_own_check, recorded, result_of

TAIL_CHARACTERS = 1_500
REPORTED = "reported"  # the rule of findings in bugs.json and security_report.json
NO_RIGHT = "its rights do not let it report bugs."


async def collect(run: Run, task: Task, gate: Gate, rounds: int) -> StageFacts:
    """Facts of this run alone; the base's report comes from whichever run measured it. In the last of `rounds` no
    finding sends the task back only because it is new."""
    results = {entry["name"]: (entry, result_of(entry)) for entry in recorded(run).values()}
    commands = [
        await _command(run, entry, result, results)
        for entry, result in results.values()
        if result and entry["executor"] == "command" and not compares(entry)
    ]
    judged = any(result and entry["executor"] == "tools" for entry, result in results.values())
    findings = tuple([finding async for finding in _findings(run, results)])
    may_report = await _may_report(run, findings)
    settled, told = await _known(task) if findings or gate != Gate() else (frozenset[str](), frozenset[str]())
    touched = await touched_tests.of_run(run, task) if gate.tests_required else touched_tests.NONE
    return StageFacts(
        commands=tuple(commands),
        findings=tuple(finding for finding in findings if may_report or finding.rule != REPORTED),
        criteria=await criteria_facts(run, task, results) if judged or gate.criteria_met else (),
        files_changed=tuple(run.files_touched),
        branch_changed=gate.changes_required and await _branch_changed(run, task),
        merged=any(entry.get("merged") for entry, _ in results.values()),
        weakened=touched.weakened,
        hollow=touched.hollow,
        settled=settled,
        told=told if task.round < rounds else frozenset(finding.fingerprint for finding in findings),
        notes=(*_notes(results), *(() if may_report else (f"What {run.role} reported does not count: {NO_RIGHT}",))),
        unmeasured=frozenset(tool for _, result in results.values() if result for tool in result.unmeasured),
        **await _measures(run, results),
        proofs=await change_facts.proofs_of(run) if change_facts.SHOWN.intersection(gate.rules) else (),
        change=await change_facts.of_branch(run, task) if gate.reads_change else None,
        touched=await change_facts.of_run(run) if gate.paths else None,
        approved=gate.approved and await change_facts.is_approved(run, task),
    )


Results = dict[str, tuple[dict[str, Any], RunResult | None]]


async def _command(run: Run, entry: dict[str, Any], result: RunResult, results: Results) -> CommandFacts:
    name = entry["name"]
    old = results.get(f"{name}-old", (None, None))[1]
    no_report = " ".join(note for note in result.notes if "test report" in note)
    base = await baseline.result(run.project_id, run.base_sha, name)
    return CommandFacts(
        name=name,
        exit_code=result.exit_code,
        tests=result.tests,
        base=base.tests if base else None,
        tail=_tail(result),
        old=old.tests if old else None,
        no_report=no_report,
        base_exit=base.exit_code if base else None,
        worse=base is not None and (result.lint or 0) > (base.lint or 0),
    )


async def _findings(run: Run, results: Results) -> AsyncIterator[ReportedFinding]:
    """What the run's steps reported; of a command's SARIF what the base's had too is not new."""
    for entry, result in results.values():
        if result is None or compares(entry) or not result.findings:
            continue
        base = await baseline.result(run.project_id, run.base_sha, entry["name"]) if _is_command(entry) else None
        known = {finding.fingerprint for finding in base.findings} if base else set[str]()
        for finding in result.findings:
            yield finding.model_copy(update={"new": False}) if finding.fingerprint in known else finding


async def _measures(run: Run, results: Results) -> dict[str, Any]:
    """Coverage in percent and the linter's count, here and at the merge base; of the last command that measured it."""
    found: dict[str, Any] = {}
    for entry, result in results.values():
        if result is None or not _is_command(entry) or (result.coverage is None and result.lint is None):
            continue
        base = await baseline.result(run.project_id, run.base_sha, entry["name"])
        if result.coverage is not None:
            found["coverage"] = result.coverage.percent
            found["coverage_base"] = base.coverage.percent if base and base.coverage else None
        if result.lint is not None:
            found["lint"], found["lint_base"] = result.lint, base.lint if base else None
    return found


def _is_command(entry: dict[str, Any]) -> bool:
    return entry["executor"] == "command" and not compares(entry)


def _notes(results: Results) -> Iterator[str]:
    """What was to be compared with and could not be measured."""
    for entry, result in results.values():
        if result and not compares(entry):
            yield from result.notes
        elif result and result.outcome != "completed" and not is_own_check(entry):
            what = "The merge base" if entry["name"].endswith("-base") else "The base's own tests against the change"
            yield f"{what} could not be measured: {result.sentence or result.reason}"


async def _may_report(run: Run, findings: tuple[ReportedFinding, ...]) -> bool:
    """Whether findings that agents wrote of their own work count; true where there are none."""
    if run.role is None or all(finding.rule != REPORTED for finding in findings):
        return True
    async with bench().db.read() as session:
        return RoleSettings.model_validate((await active_role(session, run.role)).settings).rights.create_bugs


async def _known(task: Task) -> tuple[frozenset[str], frozenset[str]]:
    async with bench().db.read() as session:
        return await what_is_known(session, task)


def _tail(result: RunResult) -> str:
    return result.sentence[-TAIL_CHARACTERS:]


async def _branch_changed(run: Run, task: Task) -> bool:
    if task.branch is None or run.base_sha is None:
        return False
    return bool(await bench().repos.changed_files(run.project_id, run.base_sha, task.branch))
