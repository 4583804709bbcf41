"""The answer to a pause: waits until the runs stand still, and says in a sentence how."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from main_api.hub import HubParts
from main_api.schemas.pause import PausedRunOut, PauseOut, PausesOut, WordOut
from services.domain.pauses import Scope
from services.pauses.standing import Pause, Standing, read_pauses, read_standing
from services.pauses.word import Word

LOOK_SECONDS = 0.02
_SAID = {  # of one agent, and of any number of runs
    "stopped": ("is stopped", "stopped"),
    "ending_turn": (
        "ends the turn it is in: its model's answer is kept, and nothing follows it",
        "at the end of a turn: the model's answer is kept, and nothing follows it",
    ),
    "between_steps": ("begins no next step", "without a next step"),
    "not_yet": (
        "could not be told yet: it is as soon as its orchestrator and its agent answer",
        "not told yet, until orchestrator and agent answer",
    ),
    "outside": ("is worked on outside of the hub, which can't stop that", "outside of the hub, which can't stop them"),
}


async def answer_to(hub: HubParts, word: Word) -> WordOut:
    """A pause waits for PAUSE_ANSWER_SECONDS at most; what does not stand still by then is told so."""
    loop = asyncio.get_running_loop()
    until = loop.time() + (hub.settings.pause_answer_seconds if word.paused else 0.0)
    while True:
        async with hub.db.read() as session:
            runs = await read_standing(session, **vars(word.about))
        if all(run.stands for run in runs) or loop.time() >= until:
            break
        await asyncio.sleep(LOOK_SECONDS)
    async with hub.db.read() as session:
        stays = [] if word.paused else _staying(await read_pauses(session), word)
    return WordOut(
        scope=word.scope, id=word.id, name=word.name, paused=word.paused, changed=word.changed, at=word.at, by=word.by,
        sentence=" ".join([word.sentence, *(_told(runs) if word.paused else _still(stays, word))]),
        runs=[PausedRunOut.model_validate(run) for run in runs], stays=[PauseOut.model_validate(one) for one in stays],
    )  # fmt: skip


async def all_pauses(hub: HubParts) -> PausesOut:
    async with hub.db.read() as session:
        pauses, runs = await read_pauses(session), await read_standing(session)
    return PausesOut(
        everything=any(one.scope is Scope.EVERYTHING for one in pauses),
        pauses=[PauseOut.model_validate(one) for one in pauses],
        runs=[PausedRunOut.model_validate(run) for run in runs],
    )


def _told(runs: Sequence[Standing]) -> list[str]:
    if not runs:
        return ["No agent was at work."]
    if len(runs) == 1:
        return [f"Its agent {_SAID[runs[0].held][0]}."]
    counts = Counter(run.held for run in runs)
    return [f"Of {len(runs)} runs: {', '.join(f'{counts[held]} {_SAID[held][1]}' for held in _SAID if counts[held])}."]


def _staying(pauses: Sequence[Pause], word: Word) -> list[Pause]:
    """Those of what it is a part of, and those of its own parts."""
    about = word.about

    def touches(one: Pause) -> bool:
        if one.scope is Scope.EVERYTHING or word.scope is Scope.EVERYTHING:
            return True
        if one.project_id != about.project_id:
            return False
        return about.task_id is None or one.task_id in (None, about.task_id) or one.scope is Scope.PROJECT

    return [one for one in pauses if touches(one)]


def _still(stays: Sequence[Pause], word: Word) -> list[str]:
    above = [one for one in stays if _is_above(one, word)]
    told = [f"It waits for a pause of {_named(one)}, which goes on." for one in above[:1]]
    below = [_named(one) for one in stays if not _is_above(one, word)]
    if below:
        more = f" and {len(below) - 5} more" if len(below) > 5 else ""
        told.append(f"Paused by themselves, and so still: {', '.join(below[:5])}{more}.")
    return told


def _is_above(one: Pause, word: Word) -> bool:
    order = list(Scope)
    return order.index(one.scope) < order.index(word.scope)


def _named(one: Pause) -> str:
    match one.scope:
        case Scope.PROJECT:
            return f"the project {one.title}"
        case Scope.RUN:
            return f"the run of {one.name}"
        case _:
            return one.name
