"""`wf status`: how each service is, and what the hub says of its parts."""

from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from services.cli import hub, printing
from services.cli.exits import Exit
from services.cli.health import full_health, print_trouble
from services.cli.listing import table_of
from services.cli.options import Json
from services.stack import choice


def status(json_output: Json = False) -> None:
    """Show each service; exit code 0 when all are well, 3 when one is not."""
    settings = hub.settings_to_look()
    chosen = choice.to_look(settings)
    services = chosen.stack.status()
    runs = any(service.name == "main-api" and service.state == "well" for service in services)
    health = full_health(settings) if runs else None
    if json_output:
        told = [asdict(service) for service in services]
        printing.as_json({"kind": chosen.kind, "home": settings.home, "services": told, "health": health})
    else:
        rows = Table(box=None, header_style="dim")
        for column in ("service", "state", "pid", "address", ""):
            rows.add_column(column)
        for one in services:
            complaint = "" if one.state == "stopped" else escape(one.complaint)
            rows.add_row(one.name, printing.state(one.state), str(one.pid or "-"), one.address, complaint)
        table_of(rows)
        printing.out.print(f"Logs: {chosen.logs}")
        if health is not None:
            print_trouble(health)
    if any(service.state != "well" for service in services):
        raise typer.Exit(Exit.UNWELL)
