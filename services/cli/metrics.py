"""`wf metrics`: what is kept for metrics, made anew."""

import asyncio

import typer

from services.cli import hub, printing
from services.cli.options import Json

app = typer.Typer(help="Metrics: what is kept for them beside the facts.", no_args_is_help=True)


@app.command("rebuild")
def rebuild(json_output: Json = False) -> None:
    """Make what is kept for metrics anew, out of model calls and events. The hub may go on working."""
    from services.metrics.rebuild import Rebuilt  # these take a while to import
    from services.metrics.rebuild import rebuild as make_anew
    from services.store.database import Database

    async def carried_out() -> Rebuilt:
        db = Database(settings.database_url)
        try:
            async with db.write() as session:
                return await make_anew(session)
        finally:
            await db.close()

    settings = hub.settings_to_look()
    made = asyncio.run(carried_out())
    if json_output:
        printing.as_json({"usage_quarters": made.usage_quarters, "waits": made.waits})
        return
    printing.out.print(
        f"[green]✓[/] Made anew: {made.usage_quarters} quarters of an hour of models' usage, {made.waits} waits."
    )
