"""`wf budget`: what models may cost, what they did, and more of it."""

from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.find import KEY, project_of, run_of
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import Json
from services.cli.outside import said
from services.cli.words import usd
from services.demo.hub_client import HubClient
from services.domain.errors import InvalidInput, NotFound

app = typer.Typer(help="Budgets: what models may cost, and what they did.", no_args_is_help=False)
TODAY = "today"


@app.callback(invoke_without_command=True)
def budget(context: typer.Context, json_output: Json = False) -> None:
    """Show what may be spent today and by each project, and what was."""
    if context.invoked_subcommand is None:
        _show(json_output)


@app.command("show")
def show_budgets(json_output: Json = False) -> None:
    """Show what may be spent today and by each project, and what was."""
    _show(json_output)


@app.command("raise")
def raise_budget(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="today, a project, or a run (its id or its task's key).",
                       autocompletion=complete.budgeted),
    ],
    limit: Annotated[float | None, typer.Argument(min=0, metavar="USD", help="To how much in all.")] = None,
    no_limit: Annotated[bool, typer.Option("--no-limit", help="No limit: of a project or of today.")] = False,
    json_output: Json = False,
) -> None:  # fmt: skip
    """Set what today's calls, a project's or one run's may cost. What waited for money goes on."""
    if (limit is None) == (not no_limit):
        raise InvalidInput("To how much?", "Give US dollars, or --no-limit.")
    with calls() as client:
        if what.lower() == TODAY:
            after = client.put("/budgets/today", limit_usd=limit)
            name = "today"
        elif not KEY.fullmatch(what) and (project := _project(client, what)) is not None:
            client.patch(f"/projects/{project['id']}", version=project["version"], budget_usd=limit)
            after, name = client.get("/budgets"), project["key"]
        else:
            if limit is None:
                raise InvalidInput("A run's budget has a limit.", "Give US dollars.")
            run = run_of(client, what)
            client.put(f"/budgets/runs/{run['id']}", limit_usd=limit)
            after, name = client.get("/budgets"), f"run {run['id']}"
    printing.told({"budgets": after}, f"{name}: {usd(limit)}.", json_output)


def _project(client: HubClient, named: str) -> dict[str, Any] | None:
    try:
        return project_of(client, named)
    except NotFound:
        return None


def _show(json_output: bool) -> None:
    with calls() as client:
        budgets = client.get("/budgets")
        names = {one["id"]: one for one in client.listed("/projects", 2_000).rows}
    if json_output:
        printing.as_json({"budgets": budgets})
        return
    columns = ("of", *(Column(title, right=True) for title in ("spent", "held", "limit", "left", "a run")))
    today = budgets["today"]
    rows = [("today", *_figures(today), usd(budgets["run_limit_usd"]))]
    for one in budgets["projects"]:
        key = names.get(one["project_id"], {}).get("key", str(one["project_id"]))
        rows.append((said(key), *_figures(one), usd(one["run_limit_usd"])))
    show(columns, rows, "")


def _figures(row: dict[str, float | None]) -> tuple[str, ...]:
    return (usd(row["spent_usd"]), usd(row["held_usd"]), usd(row["limit_usd"]), usd(row["left_usd"]))
