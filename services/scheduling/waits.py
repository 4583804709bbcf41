"""Why a queued task waits, in a sentence that a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.workflow import Workflow
from services.scheduling.fair import Candidate
from services.scheduling.picking import Bar, Pick, Picking


@dataclass(frozen=True)
class Titles:
    """What the sentences name: `capacity` of all orchestrators that live, and by model the seconds that a change to it
    takes, where that was measured."""

    capacity: int
    workflows: Mapping[int, Workflow]
    change_seconds: Mapping[str, float]

    def change_to(self, model: str) -> str:
        seconds = self.change_seconds.get(model)
        if seconds is None:
            return f"a change to {model} takes time (it was not measured yet)"
        return f"a change to {model} costs about {seconds:.1f} s" if seconds < 10 else (
            f"a change to {model} costs about {seconds:.0f} s"
        )  # fmt: skip


def starts(pick: Pick, titles: Titles) -> str:
    """Of one that admission takes next."""
    if pick.change is None:
        return "Starts next."
    return f"Starts next, in place of {pick.change}: {titles.change_to(pick.candidate.model or '')}."


def why(one: Candidate, workflow_id: int, picking: Picking, titles: Titles) -> str:
    """Of one that it does not take: its own obstacle before everybody's."""
    if not titles.capacity:
        return "No orchestrator is at work."
    taken, limits = picking.taken, picking.limits
    match picking.bar(one):
        case Bar.WORKERS:
            return f"All {titles.capacity} workers are busy{_held(picking)}."
        case Bar.OVERALL:
            return f"The hub has {taken.live} runs of {limits.overall}{_held(picking)}."
        case Bar.AGENTS:
            return f"{_agents(picking)} busy."
        case Bar.RETRY:
            return f"Its last run was lost: it is tried again in {max(1, round((one.retry_at or 0) - picking.at))} s."
        case Bar.BRANCH:
            return f"Another run writes on its branch {one.branch}."
        case Bar.DEPLOY:
            return "Another run deploys its project, or tests what it deployed: one at a time."
        case Bar.CUT_OFF:
            return "A deploy of its project was cut off in the middle: it waits for your word on that."
        case Bar.PROJECT:
            return f"Its project has {limits.per_project} runs of {limits.per_project}."
        case Bar.ROLE:
            return f"The role {one.role} has {taken.roles[one.role or '']} runs of {limits.per_role[one.role or '']}."
        case Bar.COLUMN:
            title = titles.workflows[workflow_id].stage(one.stage).title
            return f"{title} is full: {taken.columns[one.project_id, one.stage]} of {one.wip}."
        case Bar.CARD:
            return _card(one, picking, titles)
        case None:
            return "Starts as soon as the scheduler looks again."


def _held(picking: Picking) -> str:
    """Places that a pause keeps."""
    return f" ({picking.taken.held} paused)" if picking.taken.held else ""


def _card(one: Candidate, picking: Picking, titles: Titles) -> str:
    model = one.model or ""
    card = picking.cards.of(model)
    if card.turn == model:
        return f"Is next with {model}, when the runs with {card.loaded} have ended: {titles.change_to(model)}."
    if card.turn:
        return f"Waits while {card.turn} has its turn: {titles.change_to(model)}."
    return f"Waits while {card.loaded} is loaded: {titles.change_to(model)}."


def _agents(picking: Picking) -> str:
    agents = picking.limits.agents
    if len(agents) == 1:
        return (
            f"The agent {agents[0].name} has {picking.taken.agents[agents[0].name]} runs of {agents[0].capacity}: it is"
        )
    return f"All {len(agents)} agents are"
