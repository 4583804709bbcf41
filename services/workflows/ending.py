"""How a run ends and where its task goes: decided from the facts, without touching anything."""

from dataclasses import dataclass, replace
from typing import Any

from services.contract.run_result import ReportedFinding
from services.domain.states import RunState, WaitingReason
from services.domain.workflow import Stage, Workflow
from services.reviews.fault import fault
from services.reviews.gate import Verdict
from services.store.models import Run, Task
from services.tasks.allowed import goes_on_to
from services.workflows.both_sides import told_of
from services.workflows.records import compares, recorded
from services.workflows.stage_limits import known_limits

WAITS = {  # reasons that no further run can mend: a person has to do something
    "model_missing": WaitingReason.MODEL,
    "model_unreachable": WaitingReason.MODEL,
    "model_refused": WaitingReason.MODEL,
    "model_without_price": WaitingReason.MODEL,
    "model_policy_invalid": WaitingReason.MODEL,
    "model_offline": WaitingReason.MODEL,
    "context_exceeded": WaitingReason.MODEL,
    "prompt_too_long": WaitingReason.MODEL,
    "budget_exceeded": WaitingReason.BUDGET,
    "merge_waits": WaitingReason.WORKSPACE,
    "nothing_to_merge": WaitingReason.EVIDENCE,
    "cage_unavailable": WaitingReason.WORKSPACE,
    "setup_failed": WaitingReason.WORKSPACE,
    "bad_spec": WaitingReason.WORKSPACE,
    "disk_full": WaitingReason.WORKSPACE,
    "git_missing": WaitingReason.WORKSPACE,
    "git_too_old": WaitingReason.WORKSPACE,
    "repository_disk_full": WaitingReason.WORKSPACE,
    "repository_forbidden": WaitingReason.WORKSPACE,
    "repository_not_owned": WaitingReason.WORKSPACE,
    "workspace_bare": WaitingReason.WORKSPACE,
    "workspace_is_file": WaitingReason.WORKSPACE,
    "workspace_missing": WaitingReason.WORKSPACE,
    "workspace_partial": WaitingReason.WORKSPACE,
}


LOOK = (
    "Look at it: say that it is met, waive the finding and run the stage again, bring what is missing, or send it back."
)
BUSY = frozenset({"repository_busy", "repository_locked", "git_timed_out"})  # another try may well succeed


@dataclass(frozen=True)
class Ending:
    """`goes_to` names the next stage; None queues the task again where it stands. `judged`: what was found is filed.
    `carried_to` is the new branch where it is made already, and `conflicts` both sides of what it conflicted in.
    `by_gate`: the gate's rules were looked at, of a run that came to its end. `tried` is for the person who has to go
    on from here."""

    state: RunState
    result: str
    reason: str = ""
    sentence: str = ""
    goes_to: str | None = None
    waits: WaitingReason | None = None
    judged: bool = False
    new_round: bool = False
    new_branch: bool = False
    carried_to: str | None = None
    new_base: str | None = None
    findings: tuple[ReportedFinding, ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    by_gate: bool = False
    tried: str = ""


def ending_of(
    run: Run, task: Task, stage: Stage, workflow: Workflow, verdict: Verdict, *, stalled_before: bool = False
) -> Ending:
    """The story's branches: broken infrastructure, what only a person can mend, a moved target, the gate's verdict.

    `stalled_before`: the run ends in a stall, as the one before did."""
    broken = next((entry for entry in recorded(run).values() if _broke(entry)), None)
    if broken is None:
        return _judged(task, stage, workflow, verdict)
    reason, sentence = broken["reason"], broken.get("sentence", "")
    if broken["outcome"] == "asked":  # no round: it goes on with the answer, from the checkpoint and the session
        return Ending(RunState.BLOCKED, "blocked", "asked", sentence, waits=WaitingReason.ANSWER)
    if broken["executor"] == "deploy":
        return _not_deployed(task, stage, workflow, broken)
    if broken["outcome"] in ("lost", "cancelled") or reason == "stall":
        return _lost(task, stage, reason, sentence, asks=stalled_before)
    if reason == "target_moved":
        return _moved(stage, workflow, broken)
    if reason == "approval_missing":
        return Ending(RunState.BLOCKED, "blocked", reason, sentence, goes_to=stage.name)
    if reason in BUSY:
        return _lost(task, stage, reason, sentence)
    if broken["executor"] == "prepare":
        return Ending(RunState.BLOCKED, "blocked", reason, sentence, waits=WaitingReason.WORKSPACE)
    if reason in WAITS:
        return Ending(RunState.BLOCKED, "blocked", reason, sentence, waits=WAITS[reason])
    if reason in ("branch_conflicts", "merge_conflict"):  # the second as an older hub wrote it
        return _conflicting(task, stage, workflow, broken)
    title = f"{stage.title} could not finish: {reason.replace('_', ' ')}"
    return _sent_back(
        task, stage, workflow, reason, sentence, (fault("run", reason, "medium", title, sentence),), stays=True
    )


def _broke(entry: dict[str, Any]) -> bool:
    outcome = entry.get("outcome")
    return outcome not in ("completed", None) and not (outcome == "failed" and compares(entry))


def _judged(task: Task, stage: Stage, workflow: Workflow, verdict: Verdict) -> Ending:
    if verdict.passed:
        following = goes_on_to(task, stage, workflow)
        return Ending(
            RunState.PASSED,
            "pass",
            sentence=f"{stage.title} passed.",
            goes_to=following.name,
            judged=True,
            by_gate=True,
        )
    sentence = "; ".join(verdict.reasons[:3])
    if len(verdict.asks) == len(verdict.reasons):
        told = f"{sentence}. {LOOK}"
        return Ending(
            RunState.BLOCKED, "blocked", "evidence", told, waits=WaitingReason.EVIDENCE, judged=True, by_gate=True
        )
    back = _sent_back(task, stage, workflow, "gate", sentence, (), new_branch=task.merged_sha is not None)
    return replace(back, by_gate=True)


def _sent_back(
    task: Task,
    stage: Stage,
    workflow: Workflow,
    reason: str,
    sentence: str,
    findings: tuple[ReportedFinding, ...],
    *,
    new_branch: bool = False,
    stays: bool = False,
) -> Ending:
    """Back to where failures go, or, after the last round, to a person. Rework of merged work starts a new branch."""
    back = stage.name if stays else stage.on_fail or stage.name
    ending: dict[str, Any] = {
        "reason": reason,
        "goes_to": back,
        "judged": True,
        "new_round": True,
        "new_branch": new_branch,
        "findings": findings,
    }
    if task.round >= task.last_round(workflow.rounds):
        told = f"After {task.round} rounds it still fails: {sentence}"
        return Ending(RunState.FAILED, "fail", sentence=told, waits=WaitingReason.ROUNDS, **ending)
    return Ending(RunState.FAILED, "fail", sentence=sentence, **ending)


def _not_deployed(task: Task, stage: Stage, workflow: Workflow, broken: dict[str, Any]) -> Ending:
    """The merge stays. What the command itself says is wrong goes back with the end of its log, where the project's
    owner did not want to be asked first; all else (a grant, the agent, a deploy that was cut off) is a person's."""
    reason, sentence = broken["reason"], broken.get("sentence", "")
    told = "\n\n".join(part for part in (sentence, broken.get("log_end", "")) if part)
    found = (fault("deploy", reason, "high", f"{stage.title}: the deploy failed", told),)
    if broken.get("goes_back"):
        anew = task.merged_sha is not None
        return _sent_back(task, stage, workflow, reason, sentence, found, new_branch=anew)
    return Ending(
        RunState.BLOCKED, "blocked", reason, sentence, waits=WaitingReason.DEPLOY, judged=True, findings=found
    )


def _lost(task: Task, stage: Stage, reason: str, sentence: str, *, asks: bool = False) -> Ending:
    """Never a round. After too many in a row, or two stalls, a person looks."""
    if task.lost_runs + 1 > known_limits(stage).lost_retries or (asks and task.lost_runs):
        return Ending(RunState.LOST, "blocked", reason, sentence, waits=WaitingReason.STALL)
    return Ending(RunState.LOST, "blocked", reason, sentence)


def _conflicting(task: Task, stage: Stage, workflow: Workflow, broken: dict[str, Any]) -> Ending:
    """On a new branch, which has the target's side of the files that conflict and all the rest of the work."""
    sides: dict[str, dict[str, Any]] = {one["path"]: one for one in broken.get("conflicts", [])}
    carried_to: str | None = broken.get("carried_to")
    findings = tuple(
        fault(
            "merge", "conflict", "high", f"{path} conflicts with the target",
            told_of(path, sides.get(path), kept=carried_to, old=task.branch), path,
        )
        for path in broken.get("files", [])
    )  # fmt: skip
    back = _sent_back(task, stage, workflow, broken["reason"], broken["sentence"], findings, new_branch=True)
    base = broken.get("base") if carried_to else None
    return replace(back, carried_to=carried_to, new_base=base, conflicts=tuple(sides.values()))


def _moved(stage: Stage, workflow: Workflow, broken: dict[str, Any]) -> Ending:
    return Ending(
        RunState.BLOCKED,
        "blocked",
        "target_moved",
        broken.get("sentence", ""),
        goes_to=stage.moved_target or workflow.start,
        new_base=broken.get("base"),
    )
