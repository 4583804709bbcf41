"""Deploy what was merged: in the cage, with what its owner granted, on a clean checkout, and never twice unasked."""

from contextlib import AsyncExitStack
from typing import Any

import sqlalchemy as sa
import structlog

from services.contract.run_spec import CagePolicy, CommandSettings, Limits, RunSpec
from services.credentials.credentials import use
from services.credentials.keyring import Keyring
from services.deploys import queue
from services.deploys.settings import EVERYWHERE, DeploySettings, check_paths, deploy_of
from services.deploys.strays import close_deploys
from services.domain.errors import HubError, NotFound
from services.domain.states import DeployState
from services.store.models import Credential, Deploy, Event, Project, Run
from services.store.types import now
from services.workflows import carry
from services.workflows.bench import bench
from services.workflows.commands import setup_of
from services.workflows.describe import cage_of
from services.workflows.fail import note_failure
from services.workflows.in_hand import change, look_at
from services.workflows.patience import patient
from services.workflows.records import Step, is_current, record, recorded, result_of, step_id

log = structlog.get_logger()
LOG_END_CHARACTERS = 3_000
TRIES = 3  # of a deploy that may be repeated, each cut off
BY_THE_COMMAND = frozenset({"deploy_failed", "time_limit", "output_limit", "stall"})  # what a change of it may mend
NO_WORD = "Deploy {} of this project was cut off in the middle, and nobody has said what shall be done about it."


class SecretGone(HubError):
    """A stored credential that a deploy was granted is there no more."""

    code = "secret_missing"


@patient
async def deploy(run_id: str, step: Step, place: dict[str, Any]) -> dict[str, Any]:
    """Answers `{"stop": bool}`: whether the run's later steps make sense. All else is in the rows.

    Done again after a crash, it reattaches to its job, or finds it over. A job that its agent lost in the middle is not
    begun again, but where the owner said that this does no harm.
    """
    seen = await look_at(run_id)
    if not seen.is_current:
        return {"stop": True}
    async with bench().db.read() as session:
        settings = deploy_of((await session.get_one(Project, seen.run.project_id)).settings)
    row = await _begin(run_id, step, place["checkpoint"], settings)
    if row is None:
        entry = recorded((await look_at(run_id)).run).get(step_id(step), {})
        return {"stop": entry.get("outcome", "completed") != "completed"}
    one, most = step, TRIES if settings.repeatable else 1
    for number in range(most):
        one = {**step, "name": f"{step['name']}-again{number}"} if number else step
        await _try(run_id, {**one, "once": True}, row, place, settings)
        entry = recorded((await look_at(run_id)).run).get(step_id(one), {})
        if entry.get("repeated"):  # a crash came between that and the next try
            continue
        if entry.get("reason") != "deploy_interrupted" or number + 1 == most:
            break
        await _note_repeated(run_id, one)
    state = await _end(run_id, one, row.id, settings)
    await _drop(row)
    return {"stop": state != DeployState.PASSED}


async def _begin(run_id: str, step: Step, commit: str, settings: DeploySettings) -> Deploy | None:
    """The deploy that is to be carried on; None where there is nothing to do, or nothing may be done: the step's record
    says which."""
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        row = await queue.of_run(session, run_id)
        if row is not None and row.state in queue.OVER:
            return None
        if row is not None and row.state == DeployState.RUNNING:
            return row
        over: dict[str, Any] = {"outcome": "completed", "finished_at": now().isoformat()}
        if not settings.command:
            record(run, step, sentence="The project has no deploy command.", **over)
            return None
        await close_deploys(session)
        if await _asked_by_person(session, run):
            await queue.settle_before(session, run.project_id, actor="person")
        before = await queue.live_before(session, run.project_id, commit, settings.fingerprint)
        if before is not None and row is None:
            record(run, step, **_of(before), sentence=f"Deploy {before.id} has brought this commit already.", **over)
            await queue.note_skipped(session, run, commit, f"Deploy {before.id} has brought this commit already.")
            return None
        cut_off = await queue.cut_off(session, run.project_id)
        if cut_off is not None:
            told = {"outcome": "failed", "reason": "deploy_interrupted", "sentence": NO_WORD.format(cut_off.id)}
            record(run, step, **{**over, **told})
            return None
        return await queue.begin(session, run, commit, settings, row)


async def _asked_by_person(session: Any, run: Run) -> bool:
    query = sa.select(Event.seq).where(Event.run_id == run.id, Event.kind == "task.triggered")
    return await session.scalar(query.limit(1)) is not None


def _of(row: Deploy) -> dict[str, Any]:
    return {"deploy_id": row.id, "commit": row.commit, "facts": row.facts}


async def _try(run_id: str, step: Step, row: Deploy, place: dict[str, Any], settings: DeploySettings) -> None:
    seen = await look_at(run_id)
    run, entry = seen.run, recorded(seen.run).get(step_id(step), {})
    if entry.get("finished_at"):
        return
    repos, name = bench().repos, _name(row)
    try:
        check_paths(settings, bench().settings.home)
        async with AsyncExitStack() as stack:
            secrets = {variable: await _secret(stack, stored) for variable, stored in settings.secrets.items()}
            path = repos.clean_place(row.project_id, name)
            if not entry.get("opened"):  # else its job may be at work there
                await repos.open_clean(row.project_id, row.commit or "", name)
                await change(run_id, lambda _rows, run, _task: record(run, step, opened=True))
            async with bench().db.read() as session:
                project = await session.get_one(Project, row.project_id)
            about = {**place, "worktree": str(path), "task_key": seen.task.key if seen.task else ""}
            spec = _spec(run, step, project, settings, about)
            spec["settings"]["secrets"] = secrets  # in memory alone: no row is given this spec
            await carry.carry_out(run_id, step, spec)
    except HubError as error:
        await note_failure(run_id, step, error)


async def _secret(stack: AsyncExitStack, stored: str) -> str:
    """The value, known to the redactor until the stack is closed."""
    provider, _, label = stored.partition("/")
    query = sa.select(Credential.id).where(Credential.provider == provider, Credential.label == label)
    async with bench().db.read() as session:
        number = await session.scalar(query)
    own = bench().settings
    ring = Keyring(own.secret_key.get_secret_value(), own.secret_keys_before)
    try:
        return await stack.enter_async_context(use(bench().db, ring, number or 0))
    except NotFound as error:
        raise SecretGone(
            f"The deploy was granted the stored credential {stored}, which is there no more.",
            "Add it again (POST /credentials), or take it out of settings.deploy.secrets.",
        ) from error


def _spec(run: Run, step: Step, project: Project, settings: DeploySettings, place: dict[str, Any]) -> dict[str, Any]:
    cage = cage_of(project)
    return RunSpec(
        run_id=run.id,
        step=step_id(step),
        task_key=place["task_key"],
        role=run.role or "",
        worktree=place["worktree"],
        git_dir=str(bench().repos.mirror(project.id)),
        settings=CommandSettings(
            command=settings.command or "",
            name="deploy",
            env={**settings.env, "WFHUB_DEPLOY_COMMIT": place["checkpoint"]},
            hosts=tuple(host for host in settings.network if host != EVERYWHERE),
            facts=True,
            **setup_of(project.settings),
        ),
        limits=Limits(run_seconds=settings.timeout_seconds, stall_seconds=settings.timeout_seconds + 60),
        cage=CagePolicy(
            backend=cage.backend, network=settings.whole_network, read_write=settings.paths,
            readable_secrets=cage.readable_secrets,
        ),
    ).model_dump(mode="json")  # fmt: skip


async def _note_repeated(run_id: str, step: Step) -> None:
    told = "It was cut off in the middle, and was run again: its owner says that this does no harm."
    over = {"outcome": "completed", "reason": "", "repeated": True, "sentence": told}
    await change(run_id, lambda _rows, run, _task: record(run, step, **over))


async def _end(run_id: str, step: Step, deploy_id: int, settings: DeploySettings) -> DeployState | None:
    """Reads what the job left, and writes how the deploy ended to both rows; None where it is nobody's any more."""
    run = (await look_at(run_id)).run
    entry = recorded(run).get(step_id(step), {})
    state, told = _judged(entry, settings)
    if state is not DeployState.PASSED and "log_end" not in entry:
        told["log_end"] = await _log_end(run, step)
    result = result_of(entry)
    facts: dict[str, str] = result.answer or {} if result else {}
    async with bench().db.write() as session:
        run = await session.get_one(Run, run_id)
        if not await is_current(session, run):
            return None
        told["goes_back"] = told.get("goes_back", False) and run.task_id is not None
        row = await session.get_one(Deploy, deploy_id)
        sentence = told.get("sentence") or entry.get("sentence", "")
        await queue.end(session, row, state, sentence, exit_code=entry.get("exit_code"), facts=facts)
        if told.get("goes_back"):
            await queue.decided(session, row, "send_back", actor="hub")
        record(run, step, **told, **_of(row))
    return state


def _judged(entry: dict[str, Any], settings: DeploySettings) -> tuple[DeployState, dict[str, Any]]:
    """How it ended, and what the step's record is told of it."""
    outcome, reason, said = entry.get("outcome"), entry.get("reason", ""), entry.get("sentence", "")
    if outcome == "completed" and entry.get("exit_code") == 0:
        return DeployState.PASSED, {}
    if outcome == "completed":
        outcome, reason = "failed", "deploy_failed"
    elif outcome != "failed":  # lost or cancelled under it: it may have begun
        begun = bool(entry.get("started_at"))
        outcome, reason = "failed", "deploy_interrupted" if begun else reason or "deploy_not_begun"
        said = f"{queue.CUT_OFF} {said}" if begun else said
    back = settings.on_failure == "dev" and reason in BY_THE_COMMAND
    state = DeployState.INTERRUPTED if reason == "deploy_interrupted" else DeployState.FAILED
    return state, {"outcome": outcome, "reason": reason, "sentence": said, "goes_back": back}


async def _log_end(run: Run, step: Step) -> str:
    async with bench().db.read() as session:
        proof = await queue.log_of(session, run.id, step_id(step))
    if proof is None:
        return ""
    text = bench().proofs.get(proof.sha256).decode("utf-8", "replace")
    return text[-LOG_END_CHARACTERS:].strip()


def _name(row: Deploy) -> str:
    return f"deploy-{row.id}"


async def _drop(row: Deploy) -> None:
    try:
        await bench().repos.drop_clean(row.project_id, _name(row))
    except HubError as error:  # it is swept with old checkouts
        log.warning("deploy.checkout_stays", deploy_id=row.id, error=str(error)[:300])
