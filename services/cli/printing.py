"""What every command prints the same way: refusals, JSON, the marks of a state."""

import json
import sys
from typing import Any

from rich.console import Console

from services.cli.outside import said
from services.domain.errors import HubError

SCHEMA = 1  # of all that --json prints; a name that goes or means something else makes it 2
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
MARKS = {
    "well": "green", "ok": "green", "unwell": "red", "bad": "red", "warn": "yellow", "stopped": "dim",
    "running": "cyan", "passed": "green", "done": "green", "failed": "red", "waiting": "yellow", "blocked": "yellow",
    "paused": "yellow", "cancelled": "dim", "lost": "yellow", "idle": "dim", "approved": "green", "rejected": "red",
}  # fmt: skip
_asked = {"json": False}


def wants_json(value: bool) -> bool:
    """Remembers that --json was asked for, so that a refusal is told the same way."""
    _asked["json"] = value
    return value


def refusal(error: HubError, ended: int = 1) -> None:
    """The sentence, the last log lines where the error has them, and the way out; with --json as JSON too."""
    if _asked["json"]:
        code = error.data.get("told") or error.code
        told = {"code": code, "sentence": error.sentence, "way_out": error.way_out, "exit": ended}
        as_json({"error": told})
    for line in error.data.get("last_lines", ()):
        err.print(f"  [dim]{said(line)}[/]")
    err.print(f"[bold red]✗[/] {said(error.sentence)}")
    if error.way_out:
        err.print(f"  {said(error.way_out)}")


def told(answer: dict[str, Any], sentence: str, json_output: bool) -> None:
    """What became of a word: the hub's answer as JSON, else the sentence, which is plain text."""
    if json_output:
        as_json(answer)
    else:
        done(sentence)


def done(sentence: str) -> None:
    """That it was done; the sentence is plain text."""
    out.print(f"[green]✓[/] {said(sentence)}")


def progress(sentence: str) -> None:
    """What is going on, for who waits for it."""
    out.print(f"  [dim]{said(sentence)}[/]")


def warning(sentence: str) -> None:
    """What somebody should know, though nothing failed; on standard error, so that it never mixes with JSON."""
    err.print(f"[yellow]![/] {said(sentence)}")


def state(word: str) -> str:
    """The word in its colour; the word alone says it all."""
    return f"[{MARKS.get(word, 'default')}]{word}[/]"


def size(count: int) -> str:
    """Bytes for people: 1.2 GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def as_json(value: dict[str, Any], *, one_line: bool = False) -> None:
    """One JSON document on standard output, for programs. `one_line`: of several that come one after the other."""
    in_ascii = (sys.stdout.encoding or "utf-8").lower() != "utf-8"
    text = json.dumps({"schema": SCHEMA, **value}, ensure_ascii=in_ascii, indent=None if one_line else 2, default=str)
    sys.stdout.write(text)
    sys.stdout.write("\n")
    if one_line:
        sys.stdout.flush()
