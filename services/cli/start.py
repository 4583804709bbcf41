"""`wf start`: bring the hub up and leave it running."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.cli import hub, printing
from services.cli.options import Json
from services.cli.sign_in import fresh_link, offer_link
from services.stack import choice


def start(
    workspace: Annotated[Path | None, typer.Option(help="Folder for projects; wins over WORKSPACES_DIR.")] = None,
    local: Annotated[
        bool, typer.Option("--local", help="Local processes on SQLite, also where Docker answers.")
    ] = False,
    containers: Annotated[bool, typer.Option("--containers", help="Containers, or say why not.")] = False,
    skip_https: Annotated[bool, typer.Option("--skip-https", help="No Caddy; local processes never have it.")] = False,
    json_output: Json = False,
) -> None:
    """Start what is not running, wait until all of it is well, and leave it running.

    In containers where Docker answers, else as local processes; each keeps data of its own.
    """
    began = time.monotonic()
    settings = hub.settings_to_start(workspace)
    say = (lambda sentence: None) if json_output else (lambda sentence: printing.err.print(f"  [dim]{sentence}[/]"))
    chosen = choice.to_start(settings, hub.kind(local, containers), skip_https=skip_https, say=say)
    if chosen.why:
        say(f"{'containers' if chosen.kind == 'containers' else 'local processes'}: {chosen.why}")
    started = chosen.stack.start()
    seconds = time.monotonic() - began
    if json_output:
        facts = {"kind": chosen.kind, "started": started, "address": chosen.address, "seconds": round(seconds, 2)}
        printing.as_json(facts | {"sign_in": fresh_link(settings).url})
        return
    printing.out.print(f"[green]✓[/] Workflow Hub is running ({seconds:.1f} s). Stop it with ./start.sh stop.")
    if settings.offline:
        printing.out.print(
            "  Offline:  no model and no address beyond your own machines is asked, until a start without it."
        )
    offer_link(settings)
    printing.out.print(f"  Address:  {chosen.address}   (its token is WFHUB_TOKEN in {settings.root / '.env'})")
    printing.out.print(f"  Logs:     {chosen.logs}")
