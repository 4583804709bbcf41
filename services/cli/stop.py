"""`wf stop`: end every process of the hub."""

from services.cli import hub, printing
from services.cli.options import Json
from services.stack import choice


def stop(json_output: Json = False) -> None:
    """End every process or container of this hub. Work in progress is carried on at the next start."""
    stopped = choice.stop_all(hub.settings_to_look())
    if json_output:
        printing.as_json({"stopped": stopped})
    elif stopped:
        printing.out.print(f"[green]✓[/] Stopped: {', '.join(stopped)}.")
    else:
        printing.out.print("Nothing was running.")
