"""`wf`: the hub from a terminal. Each command has a module of its own."""

import sys

import typer

from services.cli import (
    aicoder_setup,
    backup,
    demo,
    doctor,
    login,
    metrics,
    models,
    printing,
    restore,
    secrets,
    sessions,
    start,
    status,
    stop,
    token,
    workflow,
)
from services.domain.errors import HubError

app = typer.Typer(name="wf", help="Workflow Hub: a team of AI agents on your own machine.", no_args_is_help=True)
app.command("start")(start.start)
app.command("stop")(stop.stop)
app.command("status")(status.status)
app.command("login")(login.login)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("sessions")(sessions.sessions)
app.add_typer(token.app, name="token")
app.add_typer(secrets.app, name="secrets")
app.add_typer(models.app, name="models")
app.add_typer(metrics.app, name="metrics")
app.add_typer(workflow.app, name="workflow")
app.add_typer(aicoder_setup.app, name="aicoder")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def main() -> None:
    """The entry point: a refusal is one sentence, a way out and exit code 1; never a traceback."""
    try:
        app()
    except HubError as error:
        printing.refusal(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
