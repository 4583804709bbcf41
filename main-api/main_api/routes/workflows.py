"""Workflows over HTTP: what there is, what differs, and bringing one's own."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import PlainTextResponse

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.reads.workflows import list_workflows, read_detail, read_diff, workflow_of_project
from main_api.schemas.shape import MAX_ID, Id
from main_api.schemas.workflow import (
    LineFault,
    ProjectWorkflow,
    WorkflowChecked,
    WorkflowCheckIn,
    WorkflowDetail,
    WorkflowDiff,
    WorkflowImported,
    WorkflowIn,
    WorkflowOut,
)
from services.projects.edit import get_project, use_workflow
from services.projects.workflow import told_of_change
from services.roles.definition import read_definition
from services.roles.errors import WorkflowInvalid
from services.roles.versions import put_text, role_names, version_of

router = APIRouter(tags=["workflows"])
Name = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["software"])]
Number = Annotated[int, Query(ge=1, le=MAX_ID, examples=[1])]


@router.get("/workflows", summary="The workflows, each in its newest version", responses=documented())
async def get_workflows(session: ReadSession) -> list[WorkflowOut]:
    """Shipped ones, imported ones, and those that projects brought (`name@KEY`)."""
    return await list_workflows(session)


@router.post("/workflows", status_code=201, summary="Import a workflow", responses=documented(404, 409))
async def post_workflow(hub: Hub, body: WorkflowIn) -> WorkflowImported:
    """A new text is the next version of its name. No project goes through it by that, but the one that is named; tasks
    keep the version they began with. A faulty text answers 422 `workflow_invalid` with each line and what is wrong."""
    async with hub.db.write() as session:
        project = await get_project(session, body.project_id) if body.project_id else None
        put = await put_text(session, body.source, body.file, actor=OWNER, project=project, based_on=body.based_on)
        if project is not None:
            await use_workflow(session, project.id, put.row, OWNER)
            notice = await told_of_change(session, project, put.row)
        else:
            notice = f"Projects that go through {put.row.name} keep their version until you PATCH them."
        detail = await read_detail(session, put.row.name, put.row.version)
    return WorkflowImported(**detail.model_dump(), new=put.new, notice=notice)


@router.post("/workflows/check", summary="Check a workflow's text", responses=documented())
async def check_workflow(session: ReadSession, body: WorkflowCheckIn) -> WorkflowChecked:
    """Nothing is kept. A faulty text is told with `valid` false."""
    try:
        workflow = read_definition(body.source, body.file, await role_names(session))
    except WorkflowInvalid as error:
        errors = [LineFault.model_validate(one) for one in error.data["errors"]]
        return WorkflowChecked(
            valid=False, name=None, stages=[], faults=error.data["faults"], errors=errors, definition=None
        )
    stages = [stage.name for stage in workflow.stages]
    return WorkflowChecked(
        valid=True, name=workflow.name, stages=stages, faults=0, errors=[], definition=workflow.model_dump(mode="json")
    )


@router.get("/workflows/{name}", summary="One workflow: its text, and its versions", responses=documented(404))
async def get_workflow(session: ReadSession, name: Name, version: Number | None = None) -> WorkflowDetail:
    """The newest version when none is named."""
    return await read_detail(session, name, version)


@router.get(
    "/workflows/{name}/source", summary="A workflow's text, byte by byte", responses=documented(404),
    response_class=PlainTextResponse,
)  # fmt: skip
async def get_source(session: ReadSession, name: Name, version: Number | None = None) -> PlainTextResponse:
    return PlainTextResponse((await version_of(session, name, version)).source)


@router.get("/workflows/{name}/diff", summary="What differs between two versions", responses=documented(404))
async def get_diff(
    session: ReadSession,
    name: Name,
    old: Annotated[int | None, Query(alias="from", ge=1, le=MAX_ID, description="The one before when left out")] = None,
    new: Annotated[int | None, Query(alias="to", ge=1, le=MAX_ID, description="The newest when left out")] = None,
) -> WorkflowDiff:
    return await read_diff(session, name, old, new)


@router.get("/projects/{project_id}/workflow", summary="Which workflow a project's tasks go through",
            responses=documented(404))  # fmt: skip
async def get_project_workflow(session: ReadSession, project_id: Id) -> ProjectWorkflow:
    """Its new tasks, and the versions its open ones began with."""
    return await workflow_of_project(session, await get_project(session, project_id))
