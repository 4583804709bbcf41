"""`wf inbox`: all that waits for you, what holds up most first."""

from typing import Annotated

import typer

from services.cli import complete, printing
from services.cli.decide import told
from services.cli.find import INBOX, decided, item_of, project_id
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import AnyProject, Json, Limit, Note
from services.cli.outside import line, said
from services.cli.words import ago

app = typer.Typer(help="The inbox: all that waits for you.", no_args_is_help=False)
Item = Annotated[str, typer.Argument(metavar="ITEM", help="An item's key, or a task's.", autocompletion=complete.items)]


@app.callback(invoke_without_command=True)
def inbox(context: typer.Context, project: AnyProject = None, limit: Limit = 50, json_output: Json = False) -> None:
    """Show what waits for you, what holds up most first."""
    if context.invoked_subcommand is not None:
        return
    with calls() as client:
        asked = project_id(client, project)
        found = client.get("/inbox", limit=min(limit, INBOX), **({} if asked is None else {"project_id": asked}))
    if json_output:
        printing.as_json({"items": found["items"], "total": found["count"]})
        return
    columns = ("item", "since", Column("behind", right=True), "takes", Column("what", wide=True))
    rows = [
        (said(one["key"]), ago(one["since"]), str(one["behind"]["all"] or ""), ", ".join(one["may"]),
         said(line(f"{one['title']}: {one['sentence']}")))
        for one in found["items"]
    ]  # fmt: skip
    show(columns, rows, "Nothing waits for you.", found["count"])


@app.command("show")
def show_item(item: Item, json_output: Json = False) -> None:
    """Show one item: what is asked, and what it takes."""
    with calls() as client:
        one = item_of(client, item)
    if json_output:
        printing.as_json({"item": one})
        return
    printing.out.print(f"[bold]{said(one['key'])}[/]  {said(line(one['title']))}")
    printing.out.print(f"  {said(one['sentence'])}")
    if one.get("question"):
        printing.out.print(f"  {said(one['question']['text'])}")
        for option in one["question"]["options"]:
            printing.out.print(f"  • {said(line(option))}")
    for behind in one["behind"]["tasks"]:
        printing.out.print(f"  [dim]behind it: {behind['key']} {said(line(behind['title']))}[/]")
    printing.out.print(f"  It takes: {', '.join(one['may'])}.   wf inbox decide {said(one['key'])} ...")


@app.command("decide")
def decide(
    item: Item,
    decision: Annotated[str, typer.Argument(help="One of those the item takes, such as run, retry, raise, push.")],
    note: Note = "",
    answer: Annotated[str, typer.Option(help="With `answer`.")] = "",
    limit: Annotated[float | None, typer.Option(min=0, help="With `raise`: US dollars; left out: enough.")] = None,
    json_output: Json = False,
) -> None:
    """Say any word that an item takes."""
    with calls() as client:
        one = item_of(client, item, decision)
        result = decided(client, one, decision, note=note, answer=answer, limit_usd=limit)
    told(result, one, json_output)
