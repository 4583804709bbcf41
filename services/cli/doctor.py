"""`wf doctor`: can this machine carry the hub?"""

from dataclasses import asdict

import typer
from rich.markup import escape

from services.cli import hub, printing
from services.cli.options import Json
from services.stack.doctor import examine


def doctor(json_output: Json = False) -> None:
    """Check Python, git, disk, ports and the cage; exit code 1 when something keeps the hub from working."""
    settings = hub.settings_to_look()
    checks = examine(settings, hub.local_stack(settings))
    if json_output:
        printing.as_json({"checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            printing.out.print(f"{printing.state(check.verdict):<16} {check.name:<10} {escape(check.sentence)}")
            if check.way_out:
                printing.out.print(f"{'':<16} {escape(check.way_out)}")
    if any(check.verdict == "bad" for check in checks):
        raise typer.Exit(1)
