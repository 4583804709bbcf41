"""GET /health: open to all, says little."""

from fastapi import APIRouter
from pydantic import BaseModel

from agent_api.deps import Board, Settings

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str = "ok"
    service: str = "agent-api"
    jobs_running: int
    capacity: int


@router.get("/health", summary="Whether this agent answers, and how busy it is")
async def health(board: Board, settings: Settings) -> Health:
    return Health(jobs_running=board.running, capacity=settings.agent_capacity)
