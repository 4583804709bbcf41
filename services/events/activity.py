"""What a run does now, in a few words that a person reads, from the lines of its output."""

import json
import re
from typing import Any

LONGEST = 60  # characters; a card has one line for it
_COLLECTED = re.compile(r"^(?:collecting \.\.\. )?collected (\d+) items?")
_DOTS = re.compile(r"^(?:\S+\.py )?([.FEsxX]+)(?: +\[ *(\d+)%\])?$")
_NAMED = re.compile(r" (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b(?: .*)?(?:\[ *(\d+)%\])?$")
_PERCENT = re.compile(r"\[ *(\d+)%\]$")
_TOOLS = {
    "read": ("reading", "path"),
    "grep": ("searching for", "pattern"),
    "glob": ("looking for", "pattern"),
    "edit": ("editing", "path"),
    "write": ("writing", "path"),
    "bash": ("running", "command"),
    "help": ("looking around", ""),
    "remember": ("keeping a note", ""),
}
_ANSWERS = {
    "plan": "writing the plan",
    "criteria": "writing the criteria",
    "criteria_checks": "checking the criteria",
    "report": "writing the report",
}


def step_words(role: str | None, step: dict[str, Any]) -> str:
    """What a step is about, before it said anything. `step` is the workflow's: executor, name, and its settings."""
    executor = step.get("executor")
    if executor == "aider":
        return "writing the docs" if role == "docs" else "writing the change"
    if executor == "tools":
        return "reviewing security" if role == "security" else _ANSWERS.get(step.get("produces", ""), "thinking")
    if executor == "command":
        name = step.get("command", "test")
        return {"test": "running the tests", "e2e": "running the end-to-end tests"}.get(name, f"running {name}")
    return {"scan": "looking for weaknesses", "merge": "merging", "deploy": "deploying"}.get(
        executor or "", "preparing"
    )


class Activity:
    """Takes the events of one step, oldest first; `sentence` is what it does now."""

    def __init__(self, words: str) -> None:
        self._words = self._now = words
        self._turns = 0
        self._tests = _TestProgress()
        self._stalled = ""

    @property
    def sentence(self) -> str:
        if self._stalled:
            return self._stalled
        return self._now if len(self._now) <= LONGEST else f"{self._now[: LONGEST - 1]}…"

    def take(self, event: dict[str, Any]) -> None:
        """One line of the run's output. A kind that says nothing to a person changes nothing."""
        data: dict[str, Any] = event.get("data") or {}
        text: str = event.get("text") or ""
        kind = event.get("kind")
        if kind == "model_turn":
            self._turns = int(data.get("turn") or self._turns + 1)
            self._now = self._with_turn(self._words)
        elif kind == "edit":
            self._now = self._with_turn(f"editing {_name(data.get('path') or text)}")
        elif kind == "tool_call":
            self._now = self._with_turn(_tool_words(str(data.get("tool", "")), text))
        elif kind == "notice":
            self._take_notice(text, data)
        elif kind == "output":
            self._take_output(text, data)

    def _take_notice(self, text: str, data: dict[str, Any]) -> None:
        if since := data.get("stalled_since"):
            self._stalled = f"stalled since {str(since)[11:16]} UTC"
        elif data.get("goes_on"):
            self._stalled = ""
        elif "Waiting up to" in text:
            self._now = "waiting for the model"
        elif text.startswith("Building the project's environment"):
            self._now = "building the environment"
        elif text.startswith("The gateway answers again"):
            self._now = self._words

    def _take_output(self, text: str, data: dict[str, Any]) -> None:
        source = data.get("source")
        if source == "setup":
            self._now = "building the environment"
        elif source and (match := re.match(r"(\S+) looks at (\d+) files", text)):
            self._now = f"{match[1]} · {match[2]} files"
        elif source:
            self._now = self._tests.take(text) or self._words

    def _with_turn(self, words: str) -> str:
        return f"{words} · turn {self._turns}" if self._turns > 1 else words


class _TestProgress:
    """How far pytest is, from what it prints: `31 of 44` where it told how many there are."""

    def __init__(self) -> None:
        self._rest = ""
        self._total = self._done = 0
        self._line = 0  # results on the line that is not finished
        self._percent: int | None = None

    def take(self, text: str) -> str:
        """The words so far; empty while nothing looks like pytest."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._done += self._count(line)
        self._line = self._count(self._rest)
        done = self._done + self._line
        if self._total and done:
            return f"pytest · {min(done, self._total)} of {self._total}"
        if self._percent is not None:
            return f"pytest · {self._percent} %"
        return f"pytest · {done} test{'' if done == 1 else 's'}" if done else ""

    def _count(self, line: str) -> int:
        line = line.rstrip()
        if match := _COLLECTED.match(line):
            self._total = int(match[1])
        dots, named = _DOTS.match(line), _NAMED.search(line)
        if not (dots or named):
            return 0
        if percent := _PERCENT.search(line):
            self._percent = int(percent[1])
        return len(dots[1]) if dots else 1


def _tool_words(tool: str, text: str) -> str:
    verb, key = _TOOLS.get(tool, (f"using {tool}" if tool else "thinking", ""))
    try:
        given = json.loads(text.partition(" ")[2]).get(key, "")
    except (ValueError, AttributeError):  # cut to an event's length: the tool's name says enough
        given = ""
    what = _name(str(given)) if key == "path" else " ".join(str(given).split())
    return f"{verb} {what}".rstrip()


def _name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path
