"""`wf logs`: what the hub's processes and models' calls log, searched and followed."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.follow import log_pages
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import Json
from services.cli.outside import line, said
from services.cli.words import ago
from services.demo.hub_client import HubClient

PAGE = 1_000
LEVELS = "debug, info, warning, error, other"
COLOURS = {"error": "red", "warning": "yellow", "debug": "dim"}
Row = dict[str, Any]


def logs(
    service: Annotated[
        str | None, typer.Argument(help="main-api, agent-api, ollama_http ...", autocompletion=complete.logs)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=100_000, help="The newest so many.")] = 100,
    level: Annotated[list[str] | None, typer.Option(help=f"{LEVELS}. Repeatable.")] = None,
    text: Annotated[str, typer.Option(help="Only lines that contain it.")] = "",
    json_output: Json = False,
) -> None:
    """Print a log's newest lines; without SERVICE, which logs there are. With --json a line for each.

    The same in containers and as local processes. A container's own output is at `wf stack logs`.
    """
    with calls() as client:
        if service is None:
            _list(client.get("/logs"), json_output)
            return
        asked: Row = {"level": level or [], "text": text}
        newest = _newest(client, service, lines, asked)
        for one in newest:
            _print(one, json_output)
        if follow:
            _follow(client, service, asked, newest[-1]["after"] if newest else None, json_output)


def _newest(client: HubClient, service: str, most: int, asked: Row) -> list[Row]:
    """Oldest first."""
    found: list[Row] = []
    before: Row = {}
    while len(found) < most:
        page = client.get(f"/logs/{service}", limit=min(PAGE, most - len(found)), **asked, **before)
        found = page["lines"] + found
        if page["complete"] or not page["lines"]:
            break
        before = {"before": page["first"]}
    return found


def _follow(client: HubClient, service: str, asked: Row, after: str | None, json_output: bool) -> None:
    for page in log_pages(client, service, asked, after):
        if page["lost"]:
            printing.warning("The log was cleared, or its file was dropped: this is what is there now.")
        for one in page["lines"]:
            _print(one, json_output)
        if page["skipped"]:
            printing.warning(f"{page['skipped']['lines']} lines came too fast and are left out here.")


def _list(rows: list[Row], json_output: bool) -> None:
    if json_output:
        printing.as_json({"logs": rows})
        return
    columns = ("log", Column("size", right=True), Column("files", right=True), "written")
    told = ((said(one["name"]), printing.size(one["bytes"]), str(one["files"]), ago(one["written_at"])) for one in rows)
    show(columns, told, "There are no logs yet.")


def _print(one: Row, json_output: bool) -> None:
    if json_output:
        printing.as_json({"line": one}, one_line=True)
        return
    fields = " ".join(_fields(one["fields"]))
    at = (one["at"] or "")[11:23]
    colour = COLOURS.get(one["level"], "default")
    event = said(line(one["event"]))
    printing.out.print(f"[dim]{at}[/] [{colour}]{one['level']:<7}[/] {event} [dim]{said(fields)}[/]".rstrip())


def _fields(fields: Row) -> Iterator[str]:
    for name, value in fields.items():
        yield f"{name}={line(value)}"
