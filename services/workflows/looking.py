"""Files on requests and tasks, as prompts tell of them: pictures are described by a model that sees, once."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.agents.errors import AgentBusy, AgentRefused, AgentUnreachable
from services.attachments.reach import Rows
from services.attachments.seen import as_text, is_picture, keep_words, picture_words, told
from services.contract.run_result import RunResult
from services.contract.run_spec import Limits, ModelAccess, PictureRef, RunSpec, VisionSettings
from services.files.store import FileStore
from services.models.direct import direct_id, limited
from services.models.run_tokens import issue
from services.models.stored_profiles import profile_in
from services.models.tokens import IMAGE_TOKENS
from services.store.models import Attachment, Request
from services.workflows.bench import bench

log = structlog.get_logger()
STEP = "look"
SECONDS = 900.0
NOT_NOW = "No model could look at it: {}"
TOO_MANY = "Only the first {} pictures are looked at."


@dataclass(frozen=True)
class Shown:
    """What a prompt says of files, and the pictures that go along, for a model that sees."""

    words: str = ""
    pictures: tuple[PictureRef, ...] = ()

    @property
    def tokens(self) -> int:
        """What the pictures take of the model's context."""
        return IMAGE_TOKENS * len(self.pictures)


async def shown(
    session: AsyncSession, rows: Sequence[Attachment], model: ModelAccess, why_not: dict[str, str], *, attach: bool
) -> Shown:
    """Of these files, for this model. `attach`: the step can take pictures along. `why_not` is from `look`."""
    if not rows:
        return Shown()
    settings = bench().settings
    profile = await profile_in(session, model.model, settings.profiles, settings.card)
    seen = _pictures(rows) if attach and profile.vision else []
    refs = tuple(PictureRef(name=row.name, sha256=row.sha256) for row in seen)
    files = await told(session, rows, FileStore(settings.home / "attachments"), why_not)
    return Shown(as_text(files, frozenset(row.sha256 for row in seen)), refs)


async def sees(session: AsyncSession, model: ModelAccess) -> bool:
    settings = bench().settings
    return (await profile_in(session, model.model, settings.profiles, settings.card)).vision is True


async def missing(session: AsyncSession, rows: Sequence[Attachment]) -> list[Attachment]:
    """The pictures that have no words yet, within the bound of a prompt."""
    pictures = _pictures(rows)
    known = await picture_words(session, [row.sha256 for row in pictures])
    return list({row.sha256: row for row in pictures if row.sha256 not in known}.values())


async def look(project_id: int, files: Rows, worktree: Path) -> dict[str, str]:
    """Has pictures without words described, in the project's name and from its budget, and keeps what was said.
    Answers by hash why there are no words of the others. Holds no transaction while a model is asked."""
    async with bench().db.read() as session:
        rows = (await session.scalars(files.order_by(Attachment.id))).all()
        wanted = await missing(session, rows)
        model = await _chosen(session, wanted) or bench().vision_model
    beyond = [row for row in rows if is_picture(row)][bench().settings.prompt_pictures :]
    why_not = {row.sha256: TOO_MANY.format(bench().settings.prompt_pictures) for row in beyond}
    if not wanted:
        return why_not
    try:
        result = await _described(project_id, wanted, worktree, model)
    except (AgentUnreachable, AgentBusy, AgentRefused) as error:
        return why_not | {row.sha256: NOT_NOW.format(error) for row in wanted}
    images = _images(result)
    said = {sha256: one for sha256, one in images.items() if one.get("description")}
    async with bench().db.write() as session:
        for sha256, one in said.items():
            await keep_words(session, sha256, one["description"], one.get("model", ""))
    failed: dict[str, str] = {}
    for row in wanted:
        if row.sha256 not in said:
            failed[row.sha256] = images.get(row.sha256, {}).get("left_out") or result.sentence
    if failed:
        log.warning("pictures.not_described", project=project_id, pictures=len(failed), why=next(iter(failed.values())))
    return why_not | {sha256: NOT_NOW.format(why) for sha256, why in failed.items()}


def _images(result: RunResult) -> dict[str, dict[str, str]]:
    """What the job says of each picture, by hash; empty where its answer is none."""
    answer: Any = result.answer
    told: list[dict[str, Any]] = answer["images"] if answer and "images" in answer else []
    return {one["sha256"]: {name: str(value) for name, value in one.items()} for one in told if "sha256" in one}


def _pictures(rows: Sequence[Attachment]) -> list[Attachment]:
    return [row for row in rows if is_picture(row)][: bench().settings.prompt_pictures]


async def _chosen(session: AsyncSession, rows: Sequence[Attachment]) -> str:
    """The model that the request of these files names; empty: the owner's first."""
    ids = {row.request_id for row in rows if row.request_id is not None}
    if not ids:
        return ""
    query = sa.select(Request.vision_model).where(Request.id.in_(ids), Request.vision_model.is_not(None))
    return await session.scalar(query.order_by(Request.id.desc()).limit(1)) or ""


async def _described(project_id: int, rows: Sequence[Attachment], worktree: Path, model: str) -> RunResult:
    """The job is known by what is looked at, and by whom: begun before a crash it is gone on with, and paid once."""
    digest = hashlib.sha256("".join([*(row.sha256 for row in rows), model]).encode()).hexdigest()[:16]
    call = direct_id(f"look-{digest}", project_id)
    agent, settings = bench().agent, bench().settings
    before = await agent.state(call, STEP)
    token = issue(settings.secret_key.get_secret_value(), limited(call, time.time() + SECONDS), STEP)
    spec = RunSpec(
        run_id=call,
        step=STEP,
        role="pm",
        worktree=str(worktree),
        settings=VisionSettings(pictures=tuple(PictureRef(name=row.name, sha256=row.sha256) for row in rows)),
        model=ModelAccess(gateway_url=settings.gateway_url, token=token, model=model),
        limits=Limits(run_seconds=SECONDS, stall_seconds=SECONDS),
        after_incarnation=before.incarnation if before is not None and before.state == "finished" else 0,
    )
    await agent.start(spec)
    async for _ in agent.events(call, STEP, 0):
        pass
    state = await agent.state(call, STEP)
    if state is None or state.result is None:
        return RunResult(outcome="lost", reason="interrupted", sentence="The agent was interrupted.")
    return state.result
