"""`wf task`: pieces of work on the board: shown, made, changed, moved, started, ended."""

import sys
from typing import Annotated, Any

import typer

from services.cli import printing, task_change
from services.cli.find import project_id, project_of, task_of
from services.cli.hub_calls import calls
from services.cli.listing import Column, listed
from services.cli.options import AnyProject, Json, Limit, ProjectName, TaskKey
from services.cli.outside import line, lines, said
from services.cli.words import ago, usd

app = typer.Typer(help="Tasks: pieces of work on the board.", no_args_is_help=True)
Criteria = Annotated[list[str] | None, typer.Option("--criterion", "-c", help="What must hold in the end. Repeatable.")]
STATES = "idle, blocked, queued, running, waiting, paused, done, cancelled"
CLOSED = ("done", "cancelled")


@app.command("list")
def list_tasks(
    project: AnyProject = None,
    state: Annotated[list[str] | None, typer.Option(help=f"{STATES}. Repeatable.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="At this stage. Repeatable.")] = None,
    text: Annotated[str | None, typer.Option(help="In its key or title.")] = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Closed ones too.")] = False,
    limit: Limit = 50,
    json_output: Json = False,
) -> None:
    """Show tasks, what changed last first; without --all or --state only open ones."""
    wanted = state or ([] if everything else [one for one in STATES.split(", ") if one not in CLOSED])
    with calls() as client:
        found = client.listed(
            "/tasks", limit, project_id=project_id(client, project), state=wanted, stage=stage or [], text=text,
            sort="-updated_at",
        )  # fmt: skip
    columns = ("task", "stage", "state", Column("prio", right=True), "changed", Column("title", wide=True))
    listed("tasks", found, columns, _row, "There are no such tasks. --all shows those that are done, too.", json_output)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        one["key"], said(one["stage"]), printing.state(one["state"]), str(one["priority"]), ago(one["updated_at"]),
        said(line(one["title"])),
    )  # fmt: skip


@app.command("show")
def show_task(task: TaskKey, json_output: Json = False) -> None:
    """Show one task: its words, its criteria, its runs, what it waits for."""
    with calls() as client:
        one = task_of(client, task)
        place = f"/tasks/{one['id']}"
        criteria = client.listed(f"{place}/criteria", 500).rows
        runs = client.listed(f"{place}/runs", 500).rows
        findings = client.listed(f"{place}/findings", 500, state="open").rows
        comments = client.listed(f"{place}/comments", 500).rows
    if json_output:
        told = {"criteria": criteria, "runs": runs, "findings": findings, "comments": comments}
        printing.as_json({"task": one, **told})
        return
    printing.out.print(f"[bold]{one['key']}[/]  {said(line(one['title']))}")
    printing.out.print(f"  {said(one['stage'])}, {printing.state(one['state'])}: round {one['round']}, {one['kind']}, "
                       f"priority {one['priority']}, size {one['size']}")  # fmt: skip
    if one["waiting_sentence"]:
        printing.out.print(f"  [yellow]{said(line(one['waiting_sentence']))}[/]")
    if one["description"]:
        printing.out.print(f"\n{said(one['description'].strip())}")
    _heading("Criteria", criteria)
    for each in criteria:
        printing.out.print(f"  {_mark(each['met'])} {said(line(each['text']))}  [dim]{each['how'] or ''}[/]")
    _heading("Open findings", findings)
    for each in findings:
        printing.out.print(f"  [red]{each['severity']}[/] {said(line(each['title']))}")
    _heading("Runs", runs)
    for each in runs:
        words = f"{said(each['stage'])}, {printing.state(each['state'])}, {usd(each['cost'])}"
        printing.out.print(f"  {words}  {said(line(each['summary']))}")
    _heading("Comments", comments)
    for each in comments[-5:]:
        printing.out.print(f"  [dim]{said(each['author'])}, {ago(each['created_at'])}:[/] {said(line(each['body']))}")


@app.command("create")
def create(
    title: Annotated[str, typer.Argument(help="What is to be done, in a line.")],
    project: ProjectName = None,
    description: Annotated[str, typer.Option("--description", "-d", help="More of it.")] = "",
    criterion: Criteria = None,
    kind: Annotated[str, typer.Option(help="feature, bug, docs, test, refactor, research, infra.")] = "feature",
    priority: Annotated[int, typer.Option(min=1, max=10, help="10 goes first.")] = 5,
    stage: Annotated[str | None, typer.Option(help="Where it stands first; left out: in the backlog.")] = None,
    json_output: Json = False,
) -> None:
    """Make a task by hand. It rests until it is started: wf task run KEY."""
    body: dict[str, Any] = {
        "title": title, "description": description, "kind": kind, "priority": priority, "stage": stage,
        "criteria": [{"text": text} for text in criterion or ()],
    }  # fmt: skip
    with calls() as client:
        made = client.post("/tasks", project_id=project_of(client, project)["id"], **body)
    printing.told({"task": made}, f"{made['key']} is in {made['stage']}: {line(made['title'])}", json_output)


@app.command("diff")
def diff(task: TaskKey, json_output: Json = False) -> None:
    """Print what a task's branch changes, as git does; over a pipe byte for byte, for `git apply`."""
    with calls() as client:
        one = client.get(f"/tasks/{task_of(client, task)['id']}/diff")
    if json_output:
        printing.as_json({"diff": one})
        return
    if printing.out.is_terminal:
        _print_patch(one["patch"])
    else:
        sys.stdout.write(one["patch"])
    if one["truncated"]:
        printing.warning("The change is longer; the page has all of it: wf open " + task)
    if not one["patch"]:
        printing.warning("Nothing is changed yet.")


def _print_patch(patch: str) -> None:
    for part in lines(patch):
        colour = "green" if part.startswith("+") else "red" if part.startswith("-") else "default"
        printing.out.print(f"[{colour}]{said(part)}[/]")


def _heading(words: str, rows: list[Any]) -> None:
    if rows:
        printing.out.print(f"\n[dim]{words}[/]")


def _mark(met: bool | None) -> str:
    return {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]·[/]"}[met]


task_change.register(app)
