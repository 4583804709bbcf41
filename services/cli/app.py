"""`wf`: the hub from a terminal. Each command has a module of its own."""

import sys

import typer

from services.cli import (
    aicoder_setup,
    backup,
    budget,
    bug,
    config,
    decide,
    demo,
    doctor,
    hub_logs,
    idea,
    inbox,
    login,
    metrics,
    models,
    open_page,
    pause,
    plan,
    project,
    renew,
    restore,
    run,
    secrets,
    sessions,
    stack,
    start,
    status,
    stop,
    task,
    token,
    workflow,
)
from services.cli.ending import ended
from services.cli.watch import command as watch

THE_HUB, THE_WORK, YOUR_WORD, SET_UP = "The hub", "The work", "Your word", "Set up"
app = typer.Typer(
    name="wf", help="Workflow Hub: a team of AI agents on your own machine.", no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]}, pretty_exceptions_enable=False,
)  # fmt: skip
app.command("start", rich_help_panel=THE_HUB)(start.start)
app.command("renew", hidden=True)(renew.renew)
app.command("stop", rich_help_panel=THE_HUB)(stop.stop)
app.command("status", rich_help_panel=THE_HUB)(status.status)
app.command("doctor", rich_help_panel=THE_HUB)(doctor.doctor)
app.command("logs", rich_help_panel=THE_HUB)(hub_logs.logs)
app.add_typer(stack.app, name="stack", rich_help_panel=THE_HUB)
app.command("open", rich_help_panel=THE_HUB)(open_page.open_page)
app.command("login", rich_help_panel=THE_HUB)(login.login)
app.command("sessions", rich_help_panel=THE_HUB)(sessions.sessions)
app.command("demo", rich_help_panel=THE_HUB)(demo.demo)
app.command("backup", rich_help_panel=THE_HUB)(backup.backup)
app.command("restore", rich_help_panel=THE_HUB)(restore.restore)
app.command("watch", rich_help_panel=THE_WORK)(watch.watch)
app.command("idea", rich_help_panel=THE_WORK)(idea.idea)
app.add_typer(project.app, name="project", rich_help_panel=THE_WORK)
app.add_typer(plan.app, name="plan", rich_help_panel=THE_WORK)
app.add_typer(task.app, name="task", rich_help_panel=THE_WORK)
app.add_typer(run.app, name="run", rich_help_panel=THE_WORK)
app.add_typer(bug.app, name="bug", rich_help_panel=THE_WORK)
app.add_typer(inbox.app, name="inbox", rich_help_panel=YOUR_WORD)
app.command("approve", rich_help_panel=YOUR_WORD)(decide.approve)
app.command("reject", rich_help_panel=YOUR_WORD)(decide.reject)
app.command("answer", rich_help_panel=YOUR_WORD)(decide.answer)
app.command("pause", rich_help_panel=YOUR_WORD)(pause.pause)
app.command("resume", rich_help_panel=YOUR_WORD)(pause.resume)
app.add_typer(budget.app, name="budget", rich_help_panel=YOUR_WORD)
app.add_typer(config.app, name="config", rich_help_panel=SET_UP)
app.add_typer(models.app, name="models", rich_help_panel=SET_UP)
app.add_typer(workflow.app, name="workflow", rich_help_panel=SET_UP)
app.add_typer(metrics.app, name="metrics", rich_help_panel=SET_UP)
app.add_typer(token.app, name="token", rich_help_panel=SET_UP)
app.add_typer(secrets.app, name="secrets", rich_help_panel=SET_UP)
app.add_typer(aicoder_setup.app, name="aicoder", rich_help_panel=SET_UP)


def main() -> None:
    """Carries out one command, as it stands in `sys.argv`."""
    sys.exit(ended(app))
