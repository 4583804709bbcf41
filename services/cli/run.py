"""`wf run`: attempts of agents: what they did, what they say, and ending them."""

from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.asking import sure
from services.cli.exits import Exit
from services.cli.find import project_id, run_of, task_of
from services.cli.follow import run_output, stored_output
from services.cli.hub_calls import calls
from services.cli.listing import Column, listed
from services.cli.options import AnyProject, Json, Limit, Yes
from services.cli.outside import line, said
from services.cli.run_lines import Lines
from services.cli.words import ago, between, usd

app = typer.Typer(help="Runs: attempts of agents.", no_args_is_help=True)
Named = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Its id, an end of the id, or a task's key: its newest run.", autocompletion=complete.runs
    ),
]
FAILED = ("failed", "blocked", "lost", "cancelled")
SHORT = 8  # of an id, whose end tells runs apart


@app.command("list")
def list_runs(
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="Of this task.", autocompletion=complete.tasks)
    ] = None,
    project: AnyProject = None,
    state: Annotated[list[str] | None, typer.Option(help="queued, running, passed, failed ... Repeatable.")] = None,
    role: Annotated[str | None, typer.Option(help="Of this role.")] = None,
    limit: Limit = 30,
    json_output: Json = False,
) -> None:
    """Show runs, the newest first."""
    with calls() as client:
        found = client.listed(
            "/runs", limit, project_id=project_id(client, project), role=role, state=state,
            task_id=task_of(client, task)["id"] if task else None,
        )  # fmt: skip
    columns = ("run", "task", "stage", "state", Column("took", right=True), Column("cost", right=True), "ago",
               Column("", wide=True))  # fmt: skip
    listed("runs", found, columns, _row, "There are no such runs.", json_output)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        one["id"][-SHORT:], one["task_key"] or "plan", one["stage"], printing.state(one["state"]),
        between(one["started_at"], one["finished_at"]), usd(one["cost"]), ago(one["queued_at"]),
        said(line(one["summary"])),
    )  # fmt: skip


@app.command("show")
def show_run(run: Named, json_output: Json = False) -> None:
    """Show one run: how it stands, what it cost, what its gate said."""
    with calls() as client:
        one = run_of(client, run)
    if json_output:
        printing.as_json({"run": one})
        return
    printing.out.print(f"[bold]{one['stage'].upper()}[/] {printing.state(one['state'])}  {said(one['id'])}")
    facts: dict[str, Any] = {
        "role": one["role"] or "-", "attempt": f"{one['attempt']}, round {one['round']}",
        "took": between(one["started_at"], one["finished_at"]), "model": one["model"] or "-",
        "tokens": f"{one['tokens_in']:,} in, {one['tokens_out']:,} out", "cost": usd(one["cost"]),
        "summary": line(one["summary"]) or "-", "files": ", ".join(one["files_touched"]) or "-",
    }  # fmt: skip
    if one["reason"]:
        facts["reason"] = one["reason"]
    for name, value in facts.items():
        printing.out.print(f"  [dim]{name:<8}[/] {said(value)}")
    for rule in one["gate"]:
        told = rule["reason"] or f"{rule['expected']}: {rule['measured']}"
        printing.out.print(f"  {_mark(rule)} {said(line(rule['rule'])):<20} {said(line(told))}")


@app.command("logs")
def logs(
    run: Named,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it has ended.")] = False,
    json_output: Json = False,
) -> None:
    """Print what a run said; with -f also what it says, until it has ended. With --json a line for each event.

    With -f the exit code is 3 where the run did not pass.
    """
    with calls() as client:
        one, lines = run_of(client, run), Lines()
        for event in run_output(client, one["id"]) if follow else stored_output(client, one["id"]):
            if json_output:
                printing.as_json({"event": event}, one_line=True)
                continue
            for text in lines.of(event):
                printing.out.print(text)
        for text in lines.rest():
            printing.out.print(text)
        ended = client.get(f"/runs/{one['id']}")["state"] if follow else None
    if ended in FAILED:
        if not json_output:
            printing.warning(f"The run {'was killed' if ended == 'cancelled' else ended}.")
        raise typer.Exit(Exit.UNWELL)


@app.command("kill")
def kill(run: Named, yes: Yes = False, json_output: Json = False) -> None:
    """End a run now, with all its processes. Its record stays, and its task is yours."""
    with calls() as client:
        one = run_of(client, run)
        sure(f"Kill {one['stage'].upper()} ({one['id']})?", yes=yes)
        killed = client.post(f"/runs/{one['id']}/kill")
    printing.told({"run": killed}, f"{one['stage'].upper()} ({one['id']}) is being ended.", json_output)


def _mark(rule: dict[str, Any]) -> str:
    if rule["overridden_at"]:
        return "[yellow]![/]"
    return "[green]✓[/]" if rule["passed"] else "[red]✗[/]"
