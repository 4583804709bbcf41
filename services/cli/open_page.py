"""`wf open`: the page in the browser, signed in, at a task, a project, a plan or the inbox."""

import webbrowser
from typing import Annotated
from urllib.parse import quote, urlencode

import typer

from services.cli import complete, printing
from services.cli.complete import VIEWS
from services.cli.find import KEY, plan_of, project_of, task_of
from services.cli.hub_calls import calls
from services.cli.options import Json
from services.demo.hub_client import HubClient


def open_page(
    what: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", help=f"A task, a project, plan:3, or {', '.join(VIEWS)}.",
                       autocompletion=complete.openable),
    ] = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the link; open no browser.")] = False,
    json_output: Json = False,
) -> None:  # fmt: skip
    """Open the page in your browser. The link signs it in, once, within a few minutes."""
    with calls() as client:
        place = urlencode(_place(client, what))
        made = client.post("/login/links")
    url = made["url"] + (f"&place={quote(place, safe='')}" if place else "")
    opened = not only_print and not json_output and webbrowser.open(url)
    if json_output:
        printing.as_json({"url": url, "expires_at": made["expires_at"]})
    elif opened:
        printing.done("Opened in your browser.")
    else:
        printing.out.print(url, markup=False)


def _place(client: HubClient, what: str | None) -> dict[str, str]:
    """The page's own query. Raises NotFound."""
    if what is None:
        return {}
    if what in VIEWS:
        return {"view": what}
    if what.startswith("plan:"):
        return {"view": "plans", "plan": str(plan_of(client, what)["id"])}
    if KEY.fullmatch(what):
        task = task_of(client, what)
        return {"project": str(task["project_id"]), "task": str(task["id"])}
    return {"project": str(project_of(client, what)["id"])}
