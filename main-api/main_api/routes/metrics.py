"""The metrics over HTTP: each figure by itself, and each as CSV."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from main_api.deps import Hub, ReadSession
from main_api.errors import documented
from main_api.reads.metrics.done import read_rounds, read_throughput
from main_api.reads.metrics.runs import read_pass_rate, read_stages
from main_api.reads.metrics.span import Span, read_span
from main_api.reads.metrics.usage import read_usage
from main_api.reads.metrics.waiting import read_waiting
from main_api.schemas.metrics import (
    PassRateBy,
    PassRateOut,
    PassRateRow,
    RoundsOut,
    StagesOut,
    ThroughputOut,
    UsageBy,
    UsageOut,
    WaitingOut,
)
from main_api.schemas.shape import Id
from main_api.tables import MEDIA_TYPE, csv_lines
from services.domain.errors import InvalidInput, NotFound
from services.projects.edit import get_project

router = APIRouter(prefix="/metrics", tags=["metrics"])
Zone = Annotated[str, Query(max_length=64, description="Whose days: an IANA time zone", examples=["Europe/Berlin"])]
Days = Annotated[int | None, Query(ge=1, le=36_500, description="Back from today, which is one of them", examples=[7])]
From = Annotated[dt.date | None, Query(alias="from", examples=["2026-01-01"])]
To = Annotated[dt.date | None, Query(alias="to", description="The last day; without it today", examples=["2026-01-31"])]
Grouping = Annotated[str | None, Query(max_length=20, description="As of the figure itself", examples=["model"])]


async def spanned(
    hub: Hub,
    session: ReadSession,
    zone: Zone = "UTC",
    days: Days = None,
    first: From = None,
    last: To = None,
    project_id: Id | None = None,
) -> Span:
    """The span that was asked for, of a project that is there. Neither `days` nor `from`: the last 30 days."""
    if project_id is not None:
        await get_project(session, project_id)
    return read_span(zone, hub.settings.metrics_max_days, days=days, first=first, last=last)


Asked = Annotated[Span, Depends(spanned)]
ERRORS = documented(400, 404)
FIGURES = ("throughput", "rounds", "pass-rate", "stages", "waiting", "usage")


@router.get("/throughput", summary="Tasks done a day", responses=ERRORS)
async def throughput(session: ReadSession, span: Asked, project_id: Id | None = None) -> ThroughputOut:
    return await read_throughput(session, span, project_id)


@router.get("/rounds", summary="Rounds that done tasks took", responses=ERRORS)
async def rounds(session: ReadSession, span: Asked, project_id: Id | None = None) -> RoundsOut:
    return await read_rounds(session, span, project_id)


@router.get("/pass-rate", summary="How often runs passed, by role and model", responses=ERRORS)
async def pass_rate(
    session: ReadSession, span: Asked, project_id: Id | None = None, by: PassRateBy = "role"
) -> PassRateOut:
    return await read_pass_rate(session, span, project_id, by)


@router.get("/stages", summary="Time that runs took at each stage", responses=ERRORS)
async def stages(session: ReadSession, span: Asked, project_id: Id | None = None) -> StagesOut:
    return await read_stages(session, span, project_id)


@router.get("/waiting", summary="Time that people were waited for, by reason", responses=ERRORS)
async def waiting(session: ReadSession, span: Asked, project_id: Id | None = None) -> WaitingOut:
    return await read_waiting(session, span, project_id)


@router.get("/usage", summary="Tokens and cost of model calls", responses=ERRORS)
async def usage(session: ReadSession, span: Asked, project_id: Id | None = None, by: UsageBy = "day") -> UsageOut:
    return await read_usage(session, span, project_id, by)


@router.get(
    "/{figure}.csv",
    summary="A figure's table as CSV",
    response_class=StreamingResponse,
    responses={200: {"description": "The table", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}, **ERRORS},
)
async def table(
    session: ReadSession,
    span: Asked,
    figure: Annotated[str, Path(max_length=20, examples=["usage"])],
    project_id: Id | None = None,
    by: Grouping = None,
) -> StreamingResponse:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    found = await _read(session, span, figure, project_id, by)
    name = f"{figure}{f'-by-{by}' if by else ''}_{span.first}_{span.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_lines(found), media_type=MEDIA_TYPE, headers=headers)


async def _read(session: Any, span: Span, figure: str, project_id: int | None, by: str | None) -> Any:
    if figure not in FIGURES:
        raise NotFound(f"There is no figure {figure!r}.", f"Ask for one of {', '.join(FIGURES)}.")
    match figure:
        case "pass-rate":
            return await read_pass_rate(session, span, project_id, _one_of(by, PassRateBy, "role"))
        case "usage":
            return await read_usage(session, span, project_id, _one_of(by, UsageBy, "day"))
        case _ if by is not None:
            raise InvalidInput(f"The figure {figure} is not grouped.", "Leave by out.")
        case "throughput":
            return await read_throughput(session, span, project_id)
        case "rounds":
            return await read_rounds(session, span, project_id)
        case "stages":
            return await read_stages(session, span, project_id)
        case _:
            return await read_waiting(session, span, project_id)


def _one_of(by: str | None, choices: Any, usual: Any) -> Any:
    if by is None:
        return usual
    if by not in choices.__args__:
        raise InvalidInput(f"It is not grouped by {by!r}.", f"Choose one of {', '.join(choices.__args__)}.")
    return by


def _lines(found: Any) -> Iterator[str]:
    rows = [row.model_dump(mode="json") for row in found.rows]
    columns = list(type(found).model_fields["rows"].annotation.__args__[0].model_fields)
    if isinstance(found, PassRateOut) and found.by != "role_and_model":
        columns = [name for name in PassRateRow.model_fields if name == found.by or name not in ("role", "model")]
    if isinstance(found, UsageOut):
        columns = ["key", "name", *(name for name in columns if name not in ("key", "name"))]
    return csv_lines(columns, rows)
