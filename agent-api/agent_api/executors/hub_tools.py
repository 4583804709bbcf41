"""Tools by which an agent reaches its hub: help, notes, questions to a person, tasks and bugs.

Nothing is made here: what an agent wants goes with its result, and the hub makes it when the run ends, once.
"""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import ValidationError

from agent_api.errors import ToolRefused
from agent_api.executors import Job
from agent_api.executors.help_tool import tell_where
from agent_api.executors.model_tools import Arguments, ModelTool, bound
from services.contract.asking import AskedQuestion, Wanted
from services.contract.learned import MOST_LEARNED, Learned
from services.contract.run_spec import Making, ToolsSettings, Wire

T = TypeVar("T", bound=Wire)
LATER = "Noted: the hub makes it when this run ends. It waits in the backlog until a person starts it."
REMEMBERED = "Kept: agents that work on this task after you are told of it."
KEPT = "Noted: the hub keeps the bug when this run ends, for a person to decide on."


class PersonAsked(Exception):
    """The run can't go on without a person's answer."""

    def __init__(self, question: AskedQuestion) -> None:
        super().__init__(question.text)
        self.question = question


class HubTools:
    """The tools of one step; `wanted` is what the agent asked to be made, and what it was refused; `learned`
    what later agents shall know."""

    def __init__(self, settings: ToolsSettings) -> None:
        self._settings = settings
        self.wanted: list[Wanted] = []
        self.learned: list[Learned] = []

    def tools(self) -> Sequence[ModelTool]:
        """Those that a model may know of. Those of `hidden` are taken too, where a model calls them all the same."""
        known = (_HELP,) if self._settings.tools else ()
        asking = (*known, _ASK) if self._settings.may_ask else known
        if self._settings.making is None:
            return asking
        own = (bound("remember", self._remember),) if self._settings.tools else ()
        return (*asking, *own, bound("create_task", self._task), bound("report_bug", self._bug))

    @property
    def hidden(self) -> frozenset[str]:
        """What the role has no right to: not offered, and refused."""
        making = self._settings.making or Making()
        return frozenset(name for name, may in (("create_task", making.tasks), ("report_bug", making.bugs)) if not may)

    async def _remember(self, job: Job, given: Arguments) -> str:
        learned = _checked(Learned, {**given, "text": given["text"].strip()})
        if len(self.learned) >= MOST_LEARNED:
            raise ToolRefused(f"This step kept {MOST_LEARNED} notes, the most there may be. Go on with your task.")
        self.learned.append(learned)
        return REMEMBERED

    async def _task(self, job: Job, given: Arguments) -> str:
        self._want(job, _checked(Wanted, {"kind": "task", **given}), "create_task")
        return LATER

    async def _bug(self, job: Job, given: Arguments) -> str:
        self._want(job, _checked(Wanted, {"kind": "bug", **given}), "report_bug")
        return KEPT

    def _want(self, job: Job, wanted: Wanted, tool: str) -> None:
        making, noun = self._settings.making or Making(), f"{wanted.kind}s"
        made = sum(not one.refused for one in self.wanted)
        why = ""
        if tool in self.hidden:
            role = job.spec.role or "this role"
            why = f"{role} may not make {noun}: its rights do not say so. Go on with your own task."
        elif made >= making.most:
            why = (
                f"This run made {made} tasks and bugs, and {making.most} are allowed. Tell of the rest in your answer."
            )
        self.wanted.append(wanted.model_copy(update={"refused": why}))
        if why:
            raise ToolRefused(why)


def _checked(kind: type[T], given: Arguments) -> T:
    """Raises ToolRefused, in words that the model can act on."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        raise ToolRefused(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}.", "Call it again, mended.") from error


async def _ask(_job: Job, given: Arguments) -> str:
    raise PersonAsked(_checked(AskedQuestion, {"text": given["question"].strip(), "options": given.get("options", ())}))


_ASK = bound("ask_person", _ask)
_HELP = bound("help", tell_where)
