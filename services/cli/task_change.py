"""`wf task edit|move|run|tell|comment|cancel|delete`: what a person does to a task."""

from typing import Annotated, Any

import typer

from services.cli import printing
from services.cli.asking import sure
from services.cli.find import task_of
from services.cli.hub_calls import calls
from services.cli.options import Json, Note, TaskKey, Yes
from services.cli.outside import line
from services.domain.errors import InvalidInput

Text = Annotated[str, typer.Argument(help="Your words.")]


def register(app: typer.Typer) -> None:
    """The commands, in the order of `--help`."""
    for command in (edit, move, run, tell, comment, cancel, delete):
        app.command(command.__name__)(command)


def edit(
    task: TaskKey,
    title: Annotated[str | None, typer.Option(help="What is to be done, in a line.")] = None,
    description: Annotated[str | None, typer.Option("--description", "-d", help="More of it.")] = None,
    kind: Annotated[str | None, typer.Option(help="feature, bug, docs, test, refactor, research, infra.")] = None,
    priority: Annotated[int | None, typer.Option(min=1, max=10, help="10 goes first.")] = None,
    run_budget: Annotated[float | None, typer.Option(min=0, help="US dollars that one run may cost.")] = None,
    json_output: Json = False,
) -> None:
    """Change a task's words. Agents at work on it are told."""
    named: dict[str, Any] = {"title": title, "description": description, "kind": kind, "priority": priority,
                             "run_budget_usd": run_budget}  # fmt: skip
    change = {field: value for field, value in named.items() if value is not None}
    if not change:
        raise InvalidInput("Nothing to change was named.", "wf task edit --help tells what there is.")
    with calls() as client:
        one = task_of(client, task)
        edited = client.patch(f"/tasks/{one['id']}", version=one["version"], **change)
    printing.told({"task": edited}, f"{edited['key']} is changed: {', '.join(change)}.", json_output)


def move(
    task: TaskKey,
    stage: Annotated[str, typer.Argument(help="The stage it shall stand at; `next` for the one that follows.")],
    note: Note = "",
    json_output: Json = False,
) -> None:
    """Put a task at another stage. A run of it is ended."""
    with calls() as client:
        place = f"/tasks/{task_of(client, task)['id']}"
        if stage == "next":
            moved = client.post(f"{place}/advance-stage", note=note)
        else:
            moved = client.post(f"{place}/set-stage", stage=stage, note=note)
    printing.told({"task": moved}, f"{moved['key']} is at {moved['stage']}, {moved['state']}.", json_output)


def run(
    task: TaskKey,
    stage: Annotated[str | None, typer.Option(help="Begin at this stage.")] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Your word beforehand: merge it when its gates pass.")] = False,
    json_output: Json = False,
) -> None:
    """Start a task from its stage."""
    with calls() as client:
        one = task_of(client, task)
        begun = client.post(f"/tasks/{one['id']}/trigger", stage=stage, merge=merge)
    if json_output:
        printing.as_json({"run": begun})
        return
    printing.done(f"{one['key']}: {begun['stage'].upper()} is {begun['state']}.")
    printing.out.print(f"  Follow it: wf run logs -f {one['key']}")


def tell(task: TaskKey, text: Text, json_output: Json = False) -> None:
    """Tell the agents something now: the one at work hears it at its next step, else the next one."""
    with calls() as client:
        told = client.post(f"/tasks/{task_of(client, task)['id']}/feedback", text=text)
    printing.told({"feedback": told}, told["sentence"], json_output)


def comment(task: TaskKey, text: Text, json_output: Json = False) -> None:
    """Say something on a task."""
    with calls() as client:
        one = task_of(client, task)
        made = client.post(f"/tasks/{one['id']}/comments", body=text)
    printing.told({"comment": made}, f"Said on {one['key']}.", json_output)


def cancel(task: TaskKey, note: Note = "", yes: Yes = False, json_output: Json = False) -> None:
    """Give a task up. Its branch and its history stay."""
    with calls() as client:
        one = task_of(client, task)
        sure(f"Give up {one['key']} ({line(one['title'])})?", yes=yes)
        done = client.post(f"/tasks/{one['id']}/cancel", note=note)
    printing.told({"task": done}, f"{one['key']} is given up.", json_output)


def delete(
    task: TaskKey,
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="Also end what runs on it.")] = False,
    json_output: Json = False,
) -> None:
    """Remove a task from the board. Its history stays."""
    with calls() as client:
        one = task_of(client, task)
        sure(f"Remove {one['key']} ({line(one['title'])})?", yes=yes)
        client.delete(f"/tasks/{one['id']}", **({"force": True} if force else {}))
    printing.told({"deleted": one["key"]}, f"{one['key']} is removed.", json_output)
