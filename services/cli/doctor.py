"""`wf doctor`: can this machine carry the hub?"""

from dataclasses import asdict
from typing import Annotated

import typer

from services.cli import hub, printing
from services.cli.exits import Exit
from services.cli.model_check import check_model
from services.cli.options import Json
from services.cli.outside import said
from services.stack import choice
from services.stack.doctor import examine


def doctor(
    local: Annotated[bool, typer.Option("--local", help="For local processes, also where Docker answers.")] = False,
    containers: Annotated[bool, typer.Option("--containers", help="For containers.")] = False,
    json_output: Json = False,
) -> None:
    """Check all that a start needs, each with what to do; exit code 1 when something keeps the hub from working."""
    settings = hub.settings_to_look()
    chosen = choice.to_start(settings, hub.kind(local, containers))
    checks = [*examine(settings, chosen), check_model(settings, own_ollama=chosen.own_ollama)]
    if json_output:
        printing.as_json({"kind": chosen.kind, "checks": [asdict(check) for check in checks]})
    else:
        kind = {"local": "local processes", "containers": "containers"}[chosen.kind]
        printing.out.print(f"For {kind}: {said(chosen.why)}")
        for check in checks:
            printing.out.print(f"{printing.state(check.verdict):<16} {check.name:<10} {said(check.sentence)}")
            if check.way_out:
                printing.out.print(f"{'':<16} {said(check.way_out)}")
    if any(check.verdict == "bad" for check in checks):
        raise typer.Exit(Exit.REFUSED)
