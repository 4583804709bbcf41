"""A task as a card of a few lines, and the line on top of the screen."""

import textwrap
from datetime import datetime
from typing import Any

from rich.text import Text

from services.cli.outside import line
from services.cli.printing import MARKS
from services.cli.words import ago, usd

Json = dict[str, Any]
STANDING = {"live": "live", "connecting": "connecting", "reconnecting": "reconnecting: what you see may be old",
            "refused": "the hub refused"}  # fmt: skip


WIDTH = 26  # of a card's words
NO_LIMIT = 1_000  # places in a stage that nobody counts


def card(task: Json, doing: str | None, now: datetime) -> Text:
    """Key, state and how long; the title; what it does or waits for."""
    state = "paused" if task["held"] or task["paused_at"] else task["state"]
    since = task["running_since"] or task["waiting_since"]
    took = f" {ago(since, now)}" if since and state in ("running", "waiting") else ""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(task["key"], style="bold")
    text.append(f" {state}{took}", style=MARKS.get(state, ""))
    if task["criteria_total"]:
        text.append(f" {task['criteria_met']}/{task['criteria_total']}", style="dim")
    text.append("\n" + "\n".join(_wrapped(line(task["title"]), WIDTH, 2)))
    words = _words(task, state, doing)
    if words is not None:
        text.append("\n").append_text(words)
    return text


def _words(task: Json, state: str, doing: str | None) -> Text | None:
    if state == "running" and (doing or task["activity"]):
        return Text(_cut(doing or task["activity"]), style="dim")
    if state == "waiting" and task["waiting_sentence"]:
        return Text(_cut(task["waiting_sentence"]), style="yellow")
    if state == "blocked" and task["blocked_by_keys"]:
        return Text(_cut(f"after {', '.join(task['blocked_by_keys'])}"), style="dim")
    return None


def _wrapped(words: str, width: int, lines: int) -> list[str]:
    parts = textwrap.wrap(words, width) or [""]
    return parts if len(parts) <= lines else [*parts[: lines - 1], _cut(" ".join(parts[lines - 1 :]), width)]


def _cut(words: str, width: int = WIDTH) -> str:
    whole = line(words)
    return whole if len(whole) <= width else f"{whole[: width - 1]}…"


def column_title(column: Json) -> Text:
    """Its name, how many stand there, and the limit of those at work where there is one worth telling."""
    limited = column["total"] and column["wip"] is not None and column["wip"] < NO_LIMIT
    count = f"{column['count']}/{column['wip']}" if limited else f"{column['count']}"
    text = Text(f"{line(column['title'])} ", no_wrap=True, overflow="ellipsis")
    return text.append(count, style="bold red" if column["over"] else "dim")


def top_line(summary: Json | None, name: str, standing: str, scripted: bool) -> Text:
    """Which hub this is, who works, what waits, what it costs today, and whether what is seen is live."""
    text = Text(no_wrap=True, overflow="ellipsis")
    colour = {"live": "green", "connecting": "dim"}.get(standing, "bold red")
    text.append("● ", style=colour).append(f"{STANDING[standing]}  ", style=colour)
    text.append(line(name), style="bold")
    if summary is not None:
        waits = summary["waiting"]
        text.append(f"  {summary['working']} at work  ")
        text.append(f"{waits} for you", style="yellow" if waits else "dim")
        text.append(f"  {usd(summary['cost_today_usd'])} today", style="dim")
    if scripted:
        text.append("  models are scripted", style="magenta")
    return text


def item_line(item: Json, now: datetime) -> Text:
    """One thing of the inbox."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{item['kind']:<9}", style="yellow").append(f"{ago(item['since'], now):>7}  ", style="dim")
    text.append(line(item["title"]), style="bold")
    behind = item["behind"]["all"]
    if behind:
        text.append(f"  {behind} behind", style="dim")
    return text.append(f"\n{' ' * 18}{line(item['sentence'])}")
