"""`wf secrets rotate`: a new key for all that the hub keeps encrypted."""

import os

import typer

from services.cli import hub, printing
from services.cli.exits import Exit
from services.cli.options import Json
from services.demo.sample_project import SCENARIO
from services.stack import choice

app = typer.Typer(help="The key that stored secrets are encrypted with.", no_args_is_help=True)


@app.callback()
def _only_a_group() -> None:
    """The key that stored secrets are encrypted with, which is in .env."""


@app.command("rotate")
def rotate(json_output: Json = False) -> None:
    """Make a new key and encrypt every stored secret with it. Interrupted, it is ended by the next call.

    A running hub is started anew: work in progress goes on from where it was kept.
    """
    from services.stack import key_rotation  # it takes a while to import

    say = (lambda sentence: None) if json_output else printing.progress
    settings = hub.settings_to_look()
    chosen = choice.to_look(settings)
    running = {one.name for one in chosen.stack.status() if one.state != "stopped"}
    continued = key_rotation.begin(settings, lambda name: bool(os.environ.get(name)), say)
    settings = hub.settings_to_look()
    lost = 0
    if running:  # main-api encrypts anew when it starts, before it is well
        choice.to_start(
            settings, skip_https="caddy" not in running, say=say,
            scenario=SCENARIO if "scripted-model" in running else None,
        ).stack.start()  # fmt: skip
    if chosen.kind == "local":
        # All of it where nothing ran; else what a process that knew only the old key wrote in its last moment.
        lost = key_rotation.encrypt_anew(settings)[1]
    elif not running:
        printing.warning("The containers' database does not run: start the hub, then run wf secrets rotate again.")
        raise typer.Exit(Exit.REFUSED)
    key_rotation.end(settings, say)
    if json_output:
        printing.as_json({"continued": continued, "restarted": bool(running), "unreadable": lost})
        return
    printing.out.print(f"[green]✓[/] All stored secrets are encrypted with the new key in {settings.root / '.env'}.")
    if lost:
        printing.warning(f"{lost} that no key opens are left as they were: delete them and add them anew.")
