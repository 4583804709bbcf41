"""`wf renew`: the second half of `./start.sh update`, carried out by the newer version."""

from typing import Annotated, Literal

import typer

from services.cli import hub, printing
from services.domain.errors import HubError
from services.stack import choice, engine
from services.stack.settings import StackSettings

Was = Literal["local", "containers", "containers-http", "nothing"]


def renew(
    was: Annotated[Was, typer.Option(help="What ran before the update.")] = "nothing",
    what_runs: Annotated[bool, typer.Option("--what-runs", help="Only say what runs, in one word.")] = False,
) -> None:
    """Bring images and database up to date, and start again what ran. Called by ./start.sh update."""
    if what_runs:
        printing.out.print(_what_runs(hub.settings_to_look()), end="")
        return
    settings = hub.settings_to_start()
    if was == "nothing":
        _renew_at_rest(settings)
        return
    kind = "local" if was == "local" else "containers"
    chosen = choice.to_start(settings, kind, skip_https=was == "containers-http", say=printing.progress)
    started = chosen.stack.start()
    printing.out.print(f"[green]✓[/] Running again at {chosen.address}: {', '.join(started) or 'nothing had changed'}.")


def _what_runs(settings: StackSettings) -> Was:
    chosen = choice.to_look(settings)
    if chosen.kind == "local":
        return "local" if any(one.pid is not None for one in chosen.stack.status()) else "nothing"
    return "containers" if chosen.address.startswith("https://") else "containers-http"


def _renew_at_rest(settings: StackSettings) -> None:
    """What can be renewed while nothing runs: the database of local processes, the images that there are."""
    from services.stack.migrations import migrate  # these take a while to import
    from services.store.migrate import current_revision

    if current_revision(settings.database_url) is not None:
        migrate(settings, printing.progress)
        printing.progress("the database is up to date")
    if not (settings.home / "containers").is_dir() or not engine.answers(settings.environment):
        return
    from services.stack import images
    from services.stack.container_settings import ContainerSettings

    client = engine.connect(settings.environment)
    try:
        images.build(client, ContainerSettings.load(settings), printing.progress)
        printing.progress("the images are up to date; containers' database follows at their next start")
    except HubError as error:
        printing.warning(f"{error.sentence} {error.way_out} The next start in containers tries it again.")
    finally:
        client.close()
