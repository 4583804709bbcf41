"""What every command prints the same way: refusals, JSON, the marks of a state."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

from services.domain.errors import HubError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
MARKS = {"well": "green", "ok": "green", "unwell": "red", "bad": "red", "warn": "yellow", "stopped": "dim"}


def refusal(error: HubError) -> None:
    """The sentence, the last log lines where the error has them, and the way out."""
    for line in error.data.get("last_lines", ()):
        err.print(f"  [dim]{escape(line)}[/]")
    err.print(f"[bold red]✗[/] {escape(error.sentence)}")
    if error.way_out:
        err.print(f"  {escape(error.way_out)}")


def progress(sentence: str) -> None:
    """What is going on, for who waits for it."""
    out.print(f"  [dim]{escape(sentence)}[/]")


def warning(sentence: str) -> None:
    """What somebody should know, though nothing failed; on standard error, so that it never mixes with JSON."""
    err.print(f"[yellow]![/] {escape(sentence)}")


def state(word: str) -> str:
    """The word in its colour; the word alone says it all."""
    return f"[{MARKS.get(word, 'default')}]{word}[/]"


def size(count: int) -> str:
    """Bytes for people: 1.2 GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def as_json(value: Any) -> None:
    """One JSON document on standard output, for programs."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
