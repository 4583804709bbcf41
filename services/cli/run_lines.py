"""What a run says, as lines for a terminal: plain output as it stands, the rest in words before it."""

from collections.abc import Iterator
from typing import Any

from services.cli.outside import line, lines, plain, said

Json = dict[str, Any]
LONGEST_LINE = 10_000  # characters that are waited for an end of line
LONGEST = 400  # characters of a thought or a tool's answer that are shown
SIGNS = {"thought": "thinks", "tool_call": "calls", "tool_result": "", "edit": "edits", "heard": "you said"}


class Lines:
    """The lines of one run. Output of a command comes in pieces that end anywhere: they are put together."""

    def __init__(self) -> None:
        self._open = ""

    def of(self, event: Json) -> Iterator[str]:
        """What is whole with this event, in Rich's markup."""
        if event["kind"] != "output":
            yield from self.rest()
            yield from lines_of(event)
            return
        piece = "source" in (event.get("data") or {})
        text = self._open + str(event.get("text", ""))
        whole, newline, self._open = text.rpartition("\n") if piece else (text.rstrip("\n"), "\n", "")
        if len(self._open) > LONGEST_LINE:
            whole, newline, self._open = whole + newline + self._open, "\n", ""
        if newline:
            yield from (said(part) for part in plain(whole).split("\n"))

    def rest(self) -> Iterator[str]:
        """What was begun and has no end of line."""
        if self._open:
            yield said(self._open)
        self._open = ""


def lines_of(event: Json) -> Iterator[str]:
    """One event in Rich's markup. Everything in it comes from models and commands, and is escaped."""
    text, kind, data = str(event.get("text", "")), event["kind"], event.get("data") or {}
    match kind:
        case "output":
            yield from (said(part) for part in plain(text).rstrip("\n").split("\n"))
        case "started":
            yield f"[bold]— {said(event.get('step') or 'begins')}[/]"
        case "model_turn":
            tokens = f"{data.get('tokens_in', 0):,} tokens in, {data.get('tokens_out', 0):,} out"
            yield f"[dim]turn {said(data.get('turn', ''))} of the model: {tokens}[/]"
        case "tests":
            yield f"[bold]{said(line(text) or _counted(data))}[/]"
        case "edit":
            yield f"[cyan]edits[/] {said(line(text))}"
            yield from _diff(str(data.get("diff", "")))
        case "finished" if text.strip():
            yield f"[bold]{said(line(text))}[/]"
        case "finished":
            return
        case "tool_result":
            yield f"  [dim]{said(_short(text))}[/]"
        case _:
            words = SIGNS.get(kind, "")
            yield f"[dim]{words}[/] {said(_short(text or str(data.get('tool', ''))))}".strip()


def _diff(diff: str) -> Iterator[str]:
    for part in lines(diff):
        if part.startswith(("--- ", "+++ ")):
            continue
        colour = "green" if part.startswith("+") else "red" if part.startswith("-") else "dim"
        yield f"  [{colour}]{said(part)}[/]"


def _short(text: str) -> str:
    one = line(text)
    return one if len(one) <= LONGEST else f"{one[:LONGEST]} …"


def _counted(data: Json) -> str:
    counts = data.get("tests") or data
    failed = counts.get("failed", 0) + counts.get("errors", 0)
    passed = f"{counts.get('passed', 0)} passed"
    return f"{passed}, {failed} failed" if failed else passed
