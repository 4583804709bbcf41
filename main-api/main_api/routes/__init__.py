"""Routes, one file a noun: parse, call, return."""

from fastapi import APIRouter, Depends, FastAPI

from main_api import gateway, live, log_stream, run_output
from main_api.chat import stream
from main_api.ollama_proxy import routes as ollama_proxy
from main_api.readable import readable
from main_api.routes import (
    agents,
    approvals,
    attachments,
    board,
    budgets,
    bugs,
    chat,
    clones,
    credentials,
    deploys,
    direct_calls,
    events,
    feedback,
    findings,
    git,
    handoffs,
    health,
    help,
    history,
    inbox,
    integrations,
    logs,
    metrics,
    model_calls,
    model_jobs,
    model_profiles,
    models,
    notices,
    pauses,
    plans,
    principles,
    project_places,
    projects,
    proofs,
    providers,
    pushes,
    questions,
    requests,
    review,
    roles,
    runs,
    search,
    session,
    sessions,
    settings,
    task_context,
    task_history,
    task_moves,
    task_words,
    tasks,
    ways_back,
    workflows,
)

ROUTERS = (
    health.router,
    agents.router,
    git.router,
    session.router,
    sessions.router,
    project_places.router,  # before projects: its /projects/preview is no id
    projects.router,
    clones.router,
    pushes.router,
    deploys.router,
    credentials.router,
    integrations.router,
    requests.router,
    pauses.router,
    plans.router,
    task_moves.router,  # before tasks: its /tasks/queue is no id
    tasks.router,
    task_history.router,
    ways_back.router,
    task_context.router,
    help.router,
    task_words.router,
    feedback.router,
    review.router,
    runs.router,
    approvals.router,
    questions.router,
    chat.router,
    proofs.router,
    findings.router,
    search.router,
    models.router,
    model_jobs.router,
    model_calls.router,
    model_profiles.router,
    roles.router,
    workflows.router,
    principles.router,
    settings.router,
    providers.router,
    direct_calls.router,
    handoffs.router,
    attachments.router,
    bugs.router,
    budgets.router,
    events.router,
    history.router,
    metrics.router,
    board.router,
    inbox.router,
    notices.router,
    logs.router,
    live.router,
    log_stream.router,
    run_output.router,
    stream.router,
    gateway.router,
    ollama_proxy.router,
)


def _together() -> APIRouter:
    """All of them, with what every route checks."""
    hub = APIRouter(dependencies=[Depends(readable)])
    for router in ROUTERS:
        hub.include_router(router)
    return hub


HUB = _together()


def include(app: FastAPI) -> None:
    """FastAPI works a route out when it is first asked for; apps that share it share that work."""
    app.router.routes.append(gateway.calls)
    app.router.routes.extend(HUB.routes)
