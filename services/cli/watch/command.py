"""`wf watch`: the board in the terminal, live."""

import sys

import typer

from services.cli import hub, printing
from services.cli.exits import Exit
from services.cli.find import project_of
from services.cli.hub_calls import calls
from services.cli.options import AnyProject


def watch(project: AnyProject = None) -> None:
    """Watch the board, live: a column per stage, what runs say, what waits for you. `?` shows the keys.

    Approve, reject, send back, answer, pause, resume and tell the agents something by key.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        printing.warning("This is for a terminal. Over a pipe: wf task list --json, wf run logs -f")
        raise typer.Exit(Exit.USAGE)
    from services.cli.watch.app import Watch  # Textual takes a while to import

    settings = hub.settings_to_look()
    with calls(settings=settings) as client:
        named = project_of(client, project) if project is not None else None
        client.get("/summary")  # that it answers, and knows this token, before the screen is taken
        Watch(client, named).run()
