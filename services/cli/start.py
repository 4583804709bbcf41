"""`wf start`: bring the hub up and leave it running."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.cli import hub, printing


def start(
    workspace: Annotated[Path | None, typer.Option(help="Folder for projects; wins over WORKSPACES_DIR.")] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Local processes on SQLite, also where Docker answers.")
    ] = True,
    skip_https: Annotated[bool, typer.Option("--skip-https", help="No Caddy; local processes never have it.")] = True,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Start what is not running, wait until all of it is well, and leave it running."""
    began = time.monotonic()
    settings = hub.settings_to_start(workspace)
    say = (lambda sentence: None) if json_output else (lambda sentence: printing.err.print(f"  [dim]{sentence}[/]"))
    started = hub.stack(settings, say=say).start()
    seconds = time.monotonic() - began
    if json_output:
        printing.as_json({"started": started, "address": settings.main_api_url, "seconds": round(seconds, 2)})
        return
    printing.out.print(f"[green]✓[/] Workflow Hub is running ({seconds:.1f} s). Stop it with ./start.sh stop.")
    printing.out.print(f"  Address:  {settings.main_api_url}   (its token is WFHUB_TOKEN in {settings.root / '.env'})")
    printing.out.print(f"  Logs:     {settings.logs}")
