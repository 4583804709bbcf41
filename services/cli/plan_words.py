"""A plan on a terminal: its summary, its tasks with their criteria, its questions and its faults."""

from typing import Any

from services.cli import printing
from services.cli.outside import line, said

Json = dict[str, Any]
SIZES = {"S": "small", "M": "medium", "L": "large"}


def print_plan(plan: Json, questions: list[Json]) -> None:
    """All of it, in the order its tasks depend on each other."""
    body = plan["body"]
    printing.out.print(f"[bold]Plan {plan['id']}[/]  {printing.state(plan['state'])}")
    printing.out.print(said(plan["summary"].strip()))
    facts = [str(body.get("complexity", ""))]
    if body.get("estimated_minutes"):
        facts.append(f"about {body['estimated_minutes']} minutes")
    printing.out.print(f"[dim]{said(', '.join(fact for fact in facts if fact))}[/]\n")
    numbers = {task["id"]: number for number, task in enumerate(body.get("tasks", []), 1)}
    for task in body.get("tasks", []):
        _print_task(task, numbers)
    for risk in body.get("risks") or []:
        printing.out.print(f"[yellow]risk[/] {said(line(risk))}")
    for fault in plan["faults"]:
        printing.out.print(f"[red]fault[/] {said(line(fault))}")
    for question in questions:
        options = f" ({', '.join(question['options'])})" if question["options"] else ""
        printing.out.print(f"[yellow]question {question['id']}[/] {said(line(question['text'] + options))}")


def _print_task(task: Json, numbers: dict[str, int]) -> None:
    after = ", ".join(str(numbers.get(other, other)) for other in task.get("depends_on", []))
    facts = [task.get("kind", ""), SIZES.get(task.get("size", ""), ""), f"after {after}" if after else ""]
    told = ", ".join(fact for fact in facts if fact)
    printing.out.print(f"[bold]{numbers[task['id']]:>2}[/] {said(line(task['title']))}  [dim]{said(told)}[/]")
    for criterion in task.get("criteria", []):
        printing.out.print(f"   • {said(line(criterion['text']))}")
