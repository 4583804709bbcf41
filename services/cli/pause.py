"""`wf pause`, `wf resume`: everything, a project, a task or a run stands still, and goes on."""

from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.find import KEY, project_of, run_of, task_of
from services.cli.hub_calls import calls
from services.cli.options import Json
from services.cli.outside import line, said
from services.demo.hub_client import HubClient
from services.domain.errors import NotFound

EVERYTHING = "everything"
What = Annotated[
    str | None,
    typer.Argument(
        metavar="WHAT", help="everything, a project, a task's key, or a run's id.", autocompletion=complete.pausable
    ),
]


def pause(what: What = None, json_output: Json = False) -> None:
    """Let it stand still: no step begins after the answer. Without WHAT, tell what is paused."""
    if what is None:
        _list(json_output)
    else:
        _say(what, "pause", json_output)


def resume(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="As with pause.", autocompletion=complete.pausable)],
    json_output: Json = False,
) -> None:
    """Let it go on. What was paused by itself inside stays so."""
    _say(what, "resume", json_output)


def place_of(client: HubClient, what: str) -> str:
    """The path that is paused: of everything, a task, a project, or a run. Raises NotFound."""
    if what.lower() in (EVERYTHING, "all"):
        return ""
    if KEY.fullmatch(what):
        return f"/tasks/{task_of(client, what)['id']}"
    try:
        return f"/projects/{project_of(client, what)['id']}"
    except NotFound:
        try:
            return f"/runs/{run_of(client, what)['id']}"
        except NotFound:
            raise NotFound(
                f"Nothing is called {what}.", "Give everything, a project's key, a task's (WEB-12), or a run's id."
            ) from None


def _say(what: str, word: str, json_output: bool) -> None:
    with calls() as client:
        told = client.post(f"{place_of(client, what)}/{word}")
    if json_output:
        printing.as_json({"word": told})
        return
    printing.done(told["sentence"])
    _print_runs(told["runs"])
    for other in told["stays"]:
        printing.out.print(f"  [yellow]stays paused[/] {said(other['name'])} {said(line(other['title']))}")


def _list(json_output: bool) -> None:
    with calls() as client:
        found = client.get("/pause")
    if json_output:
        printing.as_json({"pauses": found})
        return
    if not found["pauses"]:
        printing.out.print("Nothing is paused.")
    for one in found["pauses"]:
        printing.out.print(f"[yellow]paused[/] {one['scope']} {said(one['name'])} {said(line(one['title']))}")
    _print_runs(found["runs"])


def _print_runs(runs: list[dict[str, Any]]) -> None:
    for run in runs:
        printing.out.print(f"  {said(run['key'] or 'plan')} {said(run['stage'])}: {run['held'].replace('_', ' ')}")
