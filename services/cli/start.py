"""`wf start`: bring the hub up and leave it running."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.cli import hub, printing
from services.cli.model_check import check_model
from services.cli.model_start import bring_models
from services.cli.options import Json
from services.cli.port import keep_port
from services.cli.sign_in import fresh_link, offer_link
from services.cli.steps import steps
from services.stack import choice
from services.stack.container_settings import ContainerSettings
from services.stack.found import found
from services.stack.offline import check_images
from services.stack.settings import StackSettings

WORDS = {"containers": "containers", "local": "local processes"}


def start(
    workspace: Annotated[Path | None, typer.Option(help="Folder for projects; wins over WORKSPACES_DIR.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Open the hub on this port from now on; kept in .env.")
    ] = None,
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
    kind = hub.kind(local, containers)
    settings = hub.settings_to_start(workspace)
    with steps(silent=json_output) as say:
        chosen = choice.to_start(settings, kind, skip_https=skip_https, say=say)
        if port is not None and keep_port(settings, chosen, port):
            settings = hub.settings_to_start(workspace)
            chosen = choice.to_start(settings, kind, skip_https=skip_https, say=say)
        if not json_output:
            say(f"Found: {found(settings, chosen.kind)}.")
            say(f"Taken: {WORDS[chosen.kind]}: {chosen.why.rstrip('.')}.")
        if settings.offline:
            _check_offline(settings, chosen, skip_https)
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
    if chosen.address.startswith("https://"):
        printing.out.print("            Browsers trust it after ./start.sh trust, which says first what it changes.")
    printing.out.print(f"  Logs:     {chosen.logs}")
    bring_models(settings, chosen)


def _check_offline(settings: StackSettings, chosen: choice.Chosen, skip_https: bool) -> None:
    """Before anything is begun. Environments and the page were looked at by start.sh; without a model the hub runs."""
    if chosen.kind == "containers":
        own = ContainerSettings.load(settings, skip_https=skip_https)
        check_images(own, own_ollama=chosen.own_ollama)
    model = check_model(settings, own_ollama=chosen.own_ollama)
    if model.verdict != "ok":
        printing.warning(f"{model.sentence} {model.way_out}")
