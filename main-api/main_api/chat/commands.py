"""The commands of a chat: `/run TILL-3` and the like. Each does what its own route does, by the same function."""

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from main_api.chat import acts, tells, warnings
from main_api.chat.words import Heard, Said
from main_api.hub import HubParts
from services.chat.errors import CommandIncomplete, CommandUnknown
from services.chat.say import Place

Act = Callable[[HubParts, Heard], Awaitable[Said]]
Warning = Callable[[HubParts, Heard], Awaitable[tuple[str, dict[str, Any]] | None]]


@dataclass(frozen=True)
class Command:
    """`takes` says what stands behind its name; `least` words must. `warn` says what it would do, where that is not
    lightly taken back: then the person is asked first."""

    name: str
    takes: str
    does: str
    act: Act
    least: int = 0
    warn: Warning | None = None

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.takes}".strip()


async def _help(_hub: HubParts, _heard: Heard) -> Said:
    lines = [f"- `{one.usage}`: {one.does}" for one in COMMANDS.values()]
    return Said("\n".join([*lines, "\nIn a task's thread KEY may be left out. Anything else is a question."]))


_ALL = (
    Command("idea", "WORDS", "ask for something new; the PM answers with a plan", acts.idea, 1),
    Command("bug", "WORDS", "say what does not work; its plan begins with a failing test", acts.bug, 1),
    Command("status", "", "who works, what it costs today, how the tasks stand", tells.status),
    Command("inbox", "", "what waits for you", tells.inbox),
    Command("tasks", "[STATE or WORDS]", "the open tasks, or those in a state, or with these words", tells.tasks),
    Command("show", "KEY", "where a task stands, and why", tells.show),
    Command("run", "KEY [STAGE]", "start a task, from its stage or from the one named", acts.run),
    Command(
        "pause", "[KEY or all]", "let a task, this project or everything stand still", acts.pause, 0, warnings.pause
    ),
    Command("resume", "[KEY or all]", "let it go on", acts.resume),
    Command("answer", "KEY WORDS", "answer what an agent asks", acts.answer, 1),
    Command(
        "approve", "KEY or plan N", "approve a change, which merges it, or a plan", acts.approve, 0, warnings.approve
    ),
    Command("reject", "KEY or plan N [WHY]", "reject a change or a plan", acts.reject, 0, warnings.reject),
    Command("kill", "KEY", "end a task's run; what it had not committed is left behind", acts.kill, 0, warnings.kill),
    Command("cancel", "KEY [WHY]", "give a task up; its branch stays", acts.cancel, 0, warnings.cancel),
    Command("budget", "[USD]", "what may be spent today; with a number, set it", acts.budget, 0, warnings.budget),
    Command("help", "", "this list", _help),
)
COMMANDS = {command.name: command for command in _ALL}


def is_command(text: str) -> bool:
    """A path such as /home/ann is none: what begins like it has another slash in its first word."""
    first = text.strip().split(maxsplit=1)[:1]
    return bool(first) and first[0].startswith("/") and "/" not in first[0][1:]


def read_command(text: str, place: Place) -> tuple[Command, Heard]:
    """Raises CommandUnknown, which says what there is, and CommandIncomplete."""
    first, *rest = text.split(maxsplit=1)
    name = first.removeprefix("/")
    command = COMMANDS.get(name.lower())
    if command is None:
        near = difflib.get_close_matches(name.lower(), COMMANDS, n=1)
        did = f"Did you mean /{near[0]}? " if near else ""
        there = ", ".join(f"/{known}" for known in COMMANDS)
        raise CommandUnknown(f"There is no command /{name[:40]}.", f"{did}There are: {there}.", commands=[*COMMANDS])
    heard = Heard(place, rest[0] if rest else "")
    if len(heard.words) < command.least:
        raise CommandIncomplete(f"/{command.name} lacks a word.", f"Write {command.usage}.")
    return command, heard
