"""Agents over HTTP: who is there, what each can do, and what it does now."""

from fastapi import APIRouter

from main_api.deps import Hub
from main_api.errors import documented
from main_api.reads.agents import agents_of
from main_api.schemas.agent import AgentOut

router = APIRouter(prefix="/agents", tags=["agents"])


@router.get("", summary="Who of the agents is there, and what each does", responses=documented())
async def list_agents(hub: Hub) -> list[AgentOut]:
    """The first agent, and those of AGENTS. Each is asked now; one that does not answer is told as it was seen last."""
    seen = await hub.agents.look()
    async with hub.db.read() as session:
        return await agents_of(session, seen)
