"""`wf sessions`: which browsers are signed in, and signing them out."""

from typing import Annotated, Any

import typer

from services.cli import printing
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import Json
from services.cli.outside import said
from services.cli.words import local
from services.domain.errors import InvalidInput


def sessions(
    end: Annotated[int | None, typer.Option(help="Sign out the browser of this id.")] = None,
    end_all: Annotated[bool, typer.Option("--end-all", help="Sign out every browser; sign-in links too.")] = False,
    json_output: Json = False,
) -> None:
    """Show the browsers that are signed in, or sign them out: at once, with all they have open."""
    if end is not None and end_all:
        raise InvalidInput("--end and --end-all exclude each other.", "Give one of them.")
    with calls() as client:
        ended = None
        if end_all:
            ended = int(client.delete("/sessions")["ended"])
        elif end is not None:
            client.delete(f"/sessions/{end}")
            ended = 1
        left: list[dict[str, Any]] = client.get("/sessions", limit=500)
    if json_output:
        printing.as_json({"ended": ended, "sessions": left})
        return
    if ended is not None:
        printing.out.print(f"[green]✓[/] Signed out: {ended}.")
    rows = (
        (str(row["id"]), said(row["browser"]), local(row["since"]), local(row["last_seen_at"]), row["opened_with"])
        for row in left
    )
    columns = ("id", Column("browser", wide=True), "signed in", "last seen", "with")
    show(columns, rows, "No browser is signed in. A link for one: ./start.sh login")
