"""Models over HTTP: what each provider has, what it takes on the card, which roles use which; and their removal."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.reads.models_there import models_there
from main_api.reads.role_models import role_models
from main_api.reads.rows import one
from main_api.schemas.model import ModelsOut, RoleModelsOut
from main_api.schemas.shape import Id, Word
from services.choices.model_jobs import check_unused, note_removed
from services.domain.errors import NotFound
from services.models.fit import STEP
from services.models.providers import resolve
from services.store.models import Project

router = APIRouter(prefix="/models", tags=["models"])
Context = Annotated[
    int | None, Query(ge=STEP, le=1_048_576, description="Compute what fits for this context, not for the runs' own")
]
Name = Annotated[Word, Path(examples=["ollama/qwen2.5-coder:1.5b"])]


@router.get(
    "", summary="The models of every provider, what is loaded, and what fits on the card", responses=documented()
)
async def list_models(hub: Hub, context: Context = None) -> ModelsOut:
    """Each provider is asked now; one that does not answer says why. What a model takes is weights, KV cache, compute
    buffers and the driver, at this context."""
    return await models_there(hub, context)


@router.get("/roles", summary="Which models each role uses, in their order", responses=documented(404))
async def list_role_models(hub: Hub, session: ReadSession, project_id: Id | None = None) -> list[RoleModelsOut]:
    """In one project, or where a project says nothing. A request or a task may choose others."""
    project = None if project_id is None else await one(session, Project, project_id, "project")
    return await role_models(session, project, hub.settings.default_model, hub.gateway.providers)


@router.delete(
    "/{name:path}", status_code=204, summary="Take a model off the disk", responses=documented(400, 404, 409, 502)
)
async def remove(hub: Hub, name: Name) -> None:
    """Of an Ollama of yours, with what the gateway made of it to pin its context. Refused while a run works with it."""
    if not name.isprintable() or name.partition("/")[0] not in hub.gateway.providers:
        raise NotFound(f"There is no model {name!r}.", "GET /models lists what each provider has.")
    provider, own = resolve(hub.gateway.providers, name)
    async with hub.db.read() as session:
        await check_unused(session, name)
    size = await hub.catalogue.remove(provider, own)
    async with hub.db.write() as session:
        await note_removed(session, name, size, actor=OWNER)
