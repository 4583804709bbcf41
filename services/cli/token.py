"""`wf token rotate`: a new owner's token, and nobody comes in with the old one any more."""

import os
import secrets
from typing import Annotated

import typer

from services.cli import hub, printing
from services.cli.errors import HubAway
from services.cli.hub_calls import calls
from services.cli.options import Json
from services.demo.sample_project import SCENARIO
from services.stack import choice, env_file
from services.stack.errors import SecretElsewhere
from services.stack.settings import StackSettings

NAME = "WFHUB_TOKEN"
app = typer.Typer(help="The owner's token.", no_args_is_help=True)


@app.callback()
def _only_a_group() -> None:
    """The owner's token, which is in .env."""


@app.command("rotate")
def rotate(
    keep_sessions: Annotated[
        bool, typer.Option("--keep-sessions", help="Leave browsers signed in, and sign-in links open.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Make a new token. A running hub is started anew with it: work in progress goes on from where it was kept."""
    settings = hub.settings_to_look()
    _check_ours(settings)
    running = {one.name for one in choice.to_look(settings).stack.status() if one.state != "stopped"}
    env_file.change(settings.root / ".env", {NAME: secrets.token_urlsafe(32)})
    settings = hub.settings_to_look()
    say = (lambda sentence: None) if json_output else printing.progress
    restarted: list[str] = []
    if running:
        restarted = choice.to_start(
            settings, skip_https="caddy" not in running, say=say,
            scenario=SCENARIO if "scripted-model" in running else None,
        ).stack.start()  # fmt: skip
    ended = None if keep_sessions or not running else _end_sessions(settings)
    if json_output:
        printing.as_json({"restarted": restarted, "sessions_ended": ended})
        return
    printing.out.print(f"[green]✓[/] The new token is {NAME} in {settings.root / '.env'}; the old one opens nothing.")
    if restarted:
        printing.out.print(f"  Started anew: {', '.join(restarted)}.")
    if ended is not None:
        printing.out.print(f"  Browsers signed out: {ended}. For yours: ./start.sh login")
    elif not keep_sessions:
        printing.out.print(
            "[yellow]![/] The hub does not run, so browsers stay signed in. Once it runs: wf sessions --end-all"
        )


def _check_ours(settings: StackSettings) -> None:
    """Raises HubAway or SecretElsewhere: only a token that is in .env can be changed there."""
    if not settings.environment.get(NAME):
        raise HubAway("There is no hub set up here yet.", "Start it with ./start.sh.")
    if os.environ.get(NAME):
        raise SecretElsewhere(
            f"{NAME} is set in this shell, and wins over .env.", f"Change it where it is set, or: unset {NAME}."
        )


def _end_sessions(settings: StackSettings) -> int:
    try:
        with calls(settings=settings) as client:
            answer = client.delete("/sessions")
    except HubAway as error:
        raise HubAway(
            "The token is new, but the hub does not answer: browsers may still be signed in.",
            "Once it runs: wf sessions --end-all.",
        ) from error
    return int(answer["ended"])
