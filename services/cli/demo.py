"""`wf demo`: the whole job for real, from a sentence to merged commits, told as it happens."""

import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.prompt import Confirm

from services.cli import hub, printing
from services.cli.exits import Exit
from services.cli.sign_in import offer_link
from services.demo.ending import print_ending
from services.demo.hub_client import HubClient
from services.demo.narrator import Narrator
from services.demo.sample_project import SCENARIO, copy_sample
from services.demo.story import Wish, tell
from services.domain.errors import HubError, InvalidInput
from services.stack import choice
from services.stack.checks.machine import bubblewrap_works, check_cage, landlock_version
from services.stack.settings import StackSettings

SAMPLE_MODEL = "scripted/demo"
REQUEST = Path(SCENARIO).with_name("request.txt")


def demo(
    workspace: Annotated[Path | None, typer.Option(help="A git repository of yours, instead of the sample.")] = None,
    request: Annotated[str | None, typer.Option(help="What you want, in plain words.")] = None,
    model: Annotated[str | None, typer.Option(help="A real model, such as ollama/qwen2.5-coder:1.5b.")] = None,
    containers: Annotated[bool, typer.Option("--containers", help="In containers, not as local processes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve plans and merges without asking you.")] = False,
) -> None:
    """Bring the hub up and carry one request from plain words to merged commits.

    Without options: on a copy of the bundled sample, with the scripted model, approving by itself.
    """
    own = workspace is not None
    _check(workspace, request, model)
    settings = hub.settings_to_start()
    printing.out.rule("[bold]Workflow Hub", align="left", style="dim")
    if not own:
        printing.out.print(
            "The model in this demo is [bold]scripted[/]: it plays answers from a file and is no AI.\n"
            "Everything else is real: Aider, git, pytest, bandit, detect-secrets, the gateway, the cage."
        )
    if not own and not containers and check_cage(bubblewrap_works(), landlock_version()).verdict != "ok":
        printing.out.print(
            "[yellow]This machine has no bubblewrap that works, and no Landlock that is new enough. The demo runs the "
            "bundled sample without a cage.[/]\nFor work of your own see `./start.sh doctor` first, and start it again."
        )
        settings = replace(settings, environment={**settings.environment, "CAGE_ALLOW_NONE": "true"})
    # Local processes unless told: they need no images, so that the demo is quick on a fresh machine.
    kind = "containers" if containers else "local"
    scenario = None if own else SCENARIO
    chosen = choice.to_start(settings, kind, scenario=scenario, say=printing.progress)
    stack = chosen.stack
    try:
        stack.start()
        printing.out.print("Watch it in a browser, if you like; it goes on here in any case:")
        offer_link(settings)
        wish = _own(workspace, request, model) if workspace else _sample(settings, chosen, request)
        client = HubClient(settings.main_api_url, settings.environment["WFHUB_TOKEN"])
        narrator = Narrator(printing.out)
        outcome = tell(client, narrator, wish, ask=lambda question: not own or yes or Confirm.ask(question))
    except KeyboardInterrupt:
        printing.err.print("\nStopping everything that runs …")
        stack.stop()
        raise
    except HubError as error:
        printing.refusal(error)
        printing.err.print(f"The hub goes on running at {chosen.address}; end it with ./start.sh stop.")
        raise typer.Exit(Exit.REFUSED) from error
    print_ending(client, printing.out, outcome)
    printing.out.print(f"\nThe hub goes on running at [bold]{chosen.address}[/]. End it with ./start.sh stop.")
    offer_link(settings)


def _check(workspace: Path | None, request: str | None, model: str | None) -> None:
    if workspace is None and model is not None:
        raise InvalidInput("--model goes with --workspace: the sample's demo plays a script.", "Name a repository.")
    if workspace is not None and not (request and model):
        raise InvalidInput(
            "A repository of yours needs --request and --model.",
            'For example: --request "Add a --json flag" --model ollama/qwen2.5-coder:1.5b',
        )


def _own(workspace: Path, request: str | None, model: str | None) -> Wish:
    path = workspace.expanduser().absolute()
    return Wish(path.name, str(path), request or "", model, silent_seconds=3600.0)


def _sample(settings: StackSettings, chosen: choice.Chosen, request: str | None) -> Wish:
    """A fresh copy each time; the folder of an interrupted copy is not reused."""
    target = settings.workspaces / f"till-register-{secrets.token_hex(3)}"
    try:
        chosen.hand_over(copy_sample(target))
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    text = request or REQUEST.read_text(encoding="utf-8").strip()
    return Wish("Till register", str(target), text, SAMPLE_MODEL)
