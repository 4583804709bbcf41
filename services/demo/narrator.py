"""Tells the story as it happens: one line an event, words before colour."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

Json = dict[str, Any]
WIDTHS = {"S": "small", "M": "medium", "L": "large"}


class Narrator:
    """Prints to a Rich console. Everything that comes from a model or a file is escaped."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._first: datetime | None = None

    def say(self, text: str) -> None:
        self._console.print(text)

    def heading(self, text: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{escape(text)}", align="left", style="dim")

    def click(self, button: str, what: str) -> None:
        """What a person would do in the page at this point."""
        self._console.print(f"          [bold magenta]you[/]      press [reverse] {escape(button)} [/] {escape(what)}")

    def plan(self, plan: Json) -> None:
        table = Table(title=escape(plan["summary"]), title_justify="left", show_lines=True, expand=True)
        for column in ("", "task", "kind", "size", "after", "criteria"):
            words = column in ("task", "criteria")
            table.add_column(column, ratio=1 if words else None, no_wrap=not words)
        numbers: dict[str, str] = {
            task["id"]: str(number) for number, task in enumerate(plan["body"]["tasks"], start=1)
        }
        for task in plan["body"]["tasks"]:
            criteria = "\n".join(f"• {c['text']}" for c in task["criteria"])
            after = ", ".join(str(numbers.get(other, other)) for other in task["depends_on"])
            table.add_row(
                numbers[task["id"]],
                escape(task["title"]),
                task["kind"],
                WIDTHS.get(task["size"], task["size"]),
                escape(after),
                escape(criteria),
            )
        self._console.print(table)

    def event(self, event: Json) -> None:
        """One line for the events that a person would want to see; none for the rest."""
        line = line_of(event)
        if line is None:
            return
        at = datetime.fromisoformat(event["at"])
        self._first = self._first or at
        seconds = (at - self._first).total_seconds()
        who = event["data"].get("key") or ""
        self._console.print(f"[dim]{seconds:7.1f} s[/] [cyan]{escape(who):<8}[/] {line}", highlight=False)


def line_of(event: Json) -> str | None:
    """The event in words, as Rich markup."""
    data, kind = event["data"], event["kind"]
    stage = str(data.get("stage", "")).upper()
    title = escape(str(data.get("finding") or data.get("title", "")))
    match kind:
        case "request.planning":
            return "the PM reads the workspace and plans"
        case "request.failed":
            return f"[red]planning failed[/]: {escape(data['sentence'])}"
        case "plan.waiting":
            return f"the plan is there: {data['tasks']} tasks"
        case "task.created":
            return f"new task: [bold]{title}[/]"
        case "run.started" if stage != "PLAN":
            return f"{stage} begins" + (f", round {data['round']}" if data.get("round", 1) > 1 else "")
        case "run.step" if data.get("tests"):
            return _tests(data)
        case "run.passed" if stage != "PLAN":
            return f"{stage} [green]passed[/] in {data.get('seconds', 0):.1f} s"
        case "run.failed" | "run.blocked" | "run.lost" if stage != "PLAN":
            word = {"run.failed": "failed", "run.blocked": "stopped", "run.lost": "was interrupted"}[kind]
            colour = "red" if kind == "run.failed" else "yellow"
            return (
                f"{stage} [{colour}]{word}[/] after {data.get('seconds', 0):.1f} s: {escape(data.get('summary', ''))}"
            )
        case "finding.filed" | "finding.reopened":
            return f"[red]finding[/] ({data['severity']}): {title}"
        case "finding.fixed":
            return f"[green]fixed[/]: {title}"
        case "approval.asked":
            return "[yellow]waits for your approval[/]"
        case "task.merged":
            return f"[green]merged[/] as {data['commit'][:10]}"
        case "task.done":
            return f"[bold green]done[/]: {title}"
        case "task.waiting" if data.get("reason") not in ("approval", None):
            return f"[yellow]waits for you[/] ({data['reason']}): {escape(data['sentence'])}"
    return None


def _tests(data: Json) -> str:
    tests, name = data["tests"], data["step"].split("-", 1)[1]
    failed = tests["failed"] + tests["errors"]
    where = " at the merge base" if name.endswith("-base") else ""
    where = " with the base's own tests" if name.endswith("-old") else where
    told = (
        f"[green]{tests['passed']} tests pass[/]"
        if not failed
        else f"[red]{failed} of {failed + tests['passed']} tests fail[/]"
    )
    return f"{told}{where}"
