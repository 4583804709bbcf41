"""`wf stack`: the hub's services one by one, their images, and what they leave behind."""

import contextlib
import shlex
import sys
from typing import Annotated

import typer
from rich.markup import escape

from services.cli import hub, printing
from services.cli.asking import sure
from services.cli.options import Json, Yes
from services.cli.outside import plain, said
from services.cli.steps import steps
from services.stack import choice

COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")
app = typer.Typer(name="stack", help="The hub's services one by one: logs, restart, images, leftovers.",
                  no_args_is_help=True)  # fmt: skip
Names = Annotated[list[str] | None, typer.Argument(help="Services; all where none is named.", show_default=False)]


@app.command("logs")
def logs(
    services: Names = None,
    go_on: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
    tail: Annotated[int, typer.Option(min=0, max=1_000_000, help="So many of the last lines of each.")] = 200,
    json_output: Json = False,
) -> None:
    """What services say themselves, the database and Caddy too: from the engine, or from the log files."""
    stack = choice.to_look(hub.settings_to_look()).stack
    names = services or []
    widest = max((len(name) for name in names), default=14)
    colours: dict[str, str] = {}
    with contextlib.suppress(KeyboardInterrupt):
        for name, line in stack.logs(names, tail, go_on=go_on):
            if json_output:
                printing.as_json({"service": name, "line": line}, one_line=True)
                continue
            if len(names) == 1:
                sys.stdout.write(f"{plain(line)}\n")
                sys.stdout.flush()
                continue
            colour = colours.setdefault(name, COLOURS[len(colours) % len(COLOURS)])
            printing.out.print(f"[{colour}]{name:<{widest}}[/] {said(line)}")


@app.command("restart")
def restart(services: Names = None, json_output: Json = False) -> None:
    """End services and start them again with the settings of now; waits until they are well."""
    settings = hub.settings_to_start()
    with steps(silent=json_output) as say:
        done = choice.to_change(settings, say).stack.restart(services or [])
    if json_output:
        printing.as_json({"restarted": done})
    else:
        printing.out.print(f"[green]✓[/] Restarted: {', '.join(done) or 'nothing, for nothing ran'}.")


@app.command("build")
def build(
    again: Annotated[bool, typer.Option("--again", help="Also those that are here already.")] = False,
    json_output: Json = False,
) -> None:
    """Build the images of the containers, and print how large they are."""
    from services.stack import images
    from services.stack.container_settings import ContainerSettings
    from services.stack.engine import connect

    settings = ContainerSettings.load(hub.settings_to_start())
    client = connect(settings.stack.environment)
    with steps(silent=json_output) as say:
        names = images.build(client, settings, say, again=again)
    sizes = images.sizes(client, settings, names)
    if json_output:
        told = {name: {"image": names[name], "bytes": size, "over_base": over} for name, (size, over) in sizes.items()}
        printing.as_json({"images": told})
        return
    for name, (size, over) in sizes.items():
        printing.out.print(
            f"{names[name]:<36} {printing.size(size):>9}, {printing.size(over)} over {settings.images['PYTHON_IMAGE']}"
        )


@app.command("cleanup")
def cleanup(
    volumes: Annotated[
        bool, typer.Option("--volumes", help="The hub's data in containers too: database, proofs, logs.")
    ] = False,
    images: Annotated[bool, typer.Option("--images", help="All images of ours that nothing uses.")] = False,
    models: Annotated[bool, typer.Option("--models", help="The models, which all hubs here share.")] = False,
    yes: Yes = False,
    json_output: Json = False,
) -> None:
    """Stop the containers and take away what they leave: networks, older images; with options the rest."""
    from services.stack.cleanup import Wanted
    from services.stack.cleanup import cleanup as clean
    from services.stack.container_settings import ContainerSettings
    from services.stack.containers import ContainerStack

    settings = ContainerSettings.load(hub.settings_to_look())
    if volumes or models:
        data = [f"the hub's data under {settings.home} and its database"] if volumes else []
        taken = " and ".join([*data, *(["all models"] if models else [])])
        sure(
            f"This takes away {taken}, for good. Go on?", yes=yes, way_out="Say --yes, or back it up first: wf backup."
        )
    with steps(silent=json_output) as say:
        gone = clean(ContainerStack(settings, say=say), Wanted(volumes, images, models))
    if json_output:
        printing.as_json({"gone": gone})
        return
    for each in gone:
        printing.out.print(f"  {escape(each)}")
    printing.out.print(f"[green]✓[/] {'Taken away: the above.' if gone else 'There was nothing.'}")


@app.command("compose")
def compose(
    skip_https: Annotated[bool, typer.Option("--skip-https", help="No Caddy.")] = False, json_output: Json = False
) -> None:
    """Make what docker/compose.yaml needs (folders, secrets, settings), and print the command that uses it."""
    from services.stack.compose import FILE, command
    from services.stack.container_settings import ContainerSettings
    from services.stack.containers import ContainerStack

    settings = ContainerSettings.load(hub.settings_to_start(), skip_https=skip_https)
    with steps(silent=json_output) as say:
        file, place = ContainerStack(settings, say=say).for_compose()
    words = command(settings, place, file)
    if json_output:
        printing.as_json({"env_file": str(file), "compose_file": str(settings.source / FILE), "arguments": words})
    else:
        sys.stdout.write(f"docker compose {shlex.join(words)}\n")
