"""GET /api/agent: what this agent can do, what it does now, and the cage that it has."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from agent_api.standing import Standing
from services.contract.agent_standing import AgentStanding

router = APIRouter(prefix="/api", tags=["agent"])


def _standing(request: Request) -> Standing:
    return request.app.state.standing


@router.get("/agent", summary="What this agent can do, what it does now, and the cage that it has")
async def read_agent(standing: Annotated[Standing, Depends(_standing)]) -> AgentStanding:
    return await standing.now()
