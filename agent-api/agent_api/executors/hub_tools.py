"""Tools by which an agent reaches its hub: it asks a person, and asks for tasks and bugs to be made.

Nothing is made here: what an agent wants goes with its result, and the hub makes it when the run ends, once.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from agent_api.errors import ToolRefused
from agent_api.executors import Job
from agent_api.executors.model_tools import Arguments, ModelTool, tool_schema
from services.contract.asking import AskedQuestion, Wanted
from services.contract.run_spec import Making, ToolsSettings, Wire

T = TypeVar("T", bound=Wire)
LATER = "Noted: the hub makes it when this run ends. It waits in the backlog until a person starts it."
KEPT = "Noted: the hub keeps the bug when this run ends, for a person to decide on."


class PersonAsked(Exception):
    """The run can't go on without a person's answer."""

    def __init__(self, question: AskedQuestion) -> None:
        super().__init__(question.text)
        self.question = question


class HubTools:
    """The tools of one step; `wanted` is what the agent asked to be made, and what it was refused."""

    def __init__(self, settings: ToolsSettings) -> None:
        self._settings = settings
        self.wanted: list[Wanted] = []

    def tools(self) -> Sequence[ModelTool]:
        """Those that a model may know of. Those of `hidden` are taken too, where a model calls them all the same."""
        asking = (_ASK,) if self._settings.may_ask else ()
        if self._settings.making is None:
            return asking
        task = ModelTool("create_task", _TASK_WORDS, _TASK_SCHEMA, self._task)
        bug = ModelTool("report_bug", _BUG_WORDS, _BUG_SCHEMA, self._bug)
        return (*asking, task, bug)

    @property
    def hidden(self) -> frozenset[str]:
        """What the role has no right to: not offered, and refused."""
        making = self._settings.making or Making()
        return frozenset(name for name, may in (("create_task", making.tasks), ("report_bug", making.bugs)) if not may)

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


_ASK = ModelTool(
    "ask_person",
    "Ask the person, when the task depends on something that you cannot know and that no file tells. The run ends "
    "here; it goes on when there is an answer. Never make an answer up.",
    tool_schema(
        ("question",),
        question=("string", "in a sentence or two"),
        options=("array of strings", "possible answers, if there are some"),
    ),
    _ask,
)
_TASK_WORDS = (
    "Have a subtask made for work that this task needs and that is not its own doing. It waits for a person. Do not "
    "make one for what you can do yourself now."
)
_BUG_WORDS = "Report a bug that you saw and that is not this task's doing. A person decides on it."
_TASK_SCHEMA: dict[str, Any] = tool_schema(
    ("title",),
    title=("string", "in a few words"),
    description=("string", "what shall be done, and why"),
    criteria=("array of strings", "what holds when it is done"),
    files=("array of strings", "paths that it likely touches"),
    priority=("integer", "1 to 10, 10 is the most urgent"),
)
_BUG_SCHEMA: dict[str, Any] = tool_schema(
    ("title",),
    title=("string", "in a few words"),
    description=("string", "what happens, and what should"),
    severity=("string", "critical, high, medium or low"),
    files=("array of strings", "paths where it is"),
)
