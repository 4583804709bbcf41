"""Who deploys a project now, and who has to wait for that: one run of a project at a time, for its tests look at it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.domain.states import LIVE_RUN, DeployState, RunState
from services.domain.workflow import Workflow
from services.scheduling.asks import stage_of
from services.scheduling.fair import PLANNING, Candidate
from services.scheduling.picking import Taken
from services.store.models import Deploy, Run, Task
from services.store.plain import Seconds, Statement, run_on

_LIVE = Statement(
    sa.select(Run.project_id, Run.stage, Task.workflow_id)
    .outerjoin(Task, Task.id == Run.task_id)
    .where(sa.or_(*(Run.state == state for state in sorted(LIVE_RUN))), Run.owner.is_not(None))
    .where(Run.request_id.is_(None))
)
_ASKED = Statement(
    sa.select(Deploy.id, Deploy.project_id, Seconds(Deploy.created_at), Deploy.run_id)
    .join(Run, Run.id == Deploy.run_id)
    .where(Deploy.state == DeployState.QUEUED, Run.state == RunState.QUEUED, Run.owner.is_(None))
)
_CUT_OFF = Statement(
    sa.select(Deploy.project_id, Deploy.task_id).where(
        Deploy.state == DeployState.INTERRUPTED, Deploy.decision.is_(None)
    )
)


@dataclass(frozen=True)
class Deploying:
    """`projects` have a deploy command. `live` are runs under way: project, stage, workflow (None: a deploy that was
    asked for). `asked` are deploys that wait for their turn, `cut_off` those that wait for a person's word."""

    projects: frozenset[int] = frozenset()
    live: tuple[tuple[int, str, int | None], ...] = ()
    asked: tuple[Candidate, ...] = ()
    cut_off: dict[int, int | None] = field(default_factory=dict[int, int | None])

    def workflows_beside(self, known: Iterable[int]) -> list[int]:
        """The workflows that have to be read to know which of the live runs deploy, and those that are known."""
        return sorted({*known, *(workflow for _, _, workflow in self.live if workflow is not None)})

    def note(self, taken: Taken, workflows: Mapping[int, Workflow]) -> None:
        """What of it keeps others from starting."""
        taken.cut_off.update(self.cut_off)
        for project, name, workflow in self.live:
            known = workflows.get(workflow) if workflow is not None else None
            stage = stage_of(known, name) if known is not None else None
            if workflow is None or (stage is not None and stage.deploys):
                taken.deploys.add(project)


def read_deploying(session: Session, settings: Mapping[int, str]) -> Deploying:
    """`settings` are the projects' as JSON text. Where none deploys, nothing is asked of the database."""
    projects = frozenset(project for project, text in settings.items() if _deploys(text))
    if not projects:
        return Deploying()
    live = tuple((row[0], row[1], row[2]) for row in run_on(session.connection, _LIVE, {}) if row[0] in projects)
    asked = tuple(
        Candidate(number, project, at, PLANNING, deploys=True, deploy_run=run_id)
        for number, project, at, run_id in run_on(session.connection, _ASKED, {})
    )
    return Deploying(projects, live, asked, {row[0]: row[1] for row in run_on(session.connection, _CUT_OFF, {})})


@lru_cache(maxsize=2048)
def _deploys(text: str) -> bool:
    return '"deploy"' in text and bool((json.loads(text).get("deploy") or {}).get("command"))
