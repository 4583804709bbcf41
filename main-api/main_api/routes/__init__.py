"""Routes, one file a noun: parse, call, return."""

from fastapi import FastAPI

from main_api import gateway, live, run_output
from main_api.routes import (
    approvals,
    attachments,
    board,
    bugs,
    events,
    findings,
    health,
    plans,
    projects,
    proofs,
    requests,
    runs,
    session,
    task_history,
    tasks,
)

ROUTERS = (
    health.router,
    session.router,
    projects.router,
    requests.router,
    plans.router,
    tasks.router,
    task_history.router,
    runs.router,
    approvals.router,
    proofs.router,
    findings.router,
    attachments.router,
    bugs.router,
    events.router,
    board.router,
    live.router,
    run_output.router,
    gateway.router,
)


def include(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router)
