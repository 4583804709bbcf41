"""`wf bug`: report what is wrong, see what is known, have it mended."""

from typing import Annotated, Any

import typer

from services.cli import printing
from services.cli.find import project_id, project_of
from services.cli.hub_calls import calls
from services.cli.listing import Column, listed
from services.cli.options import AnyProject, Json, Limit
from services.cli.outside import line, said
from services.cli.words import ago
from services.domain.errors import InvalidInput

app = typer.Typer(help="Bugs: report what is wrong, and have it mended.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="BUG", help="Its number.")]


@app.command("list")
def list_bugs(
    project: AnyProject = None,
    state: Annotated[str | None, typer.Option(help="open, accepted, fixed, closed.")] = None,
    severity: Annotated[str | None, typer.Option(help="critical, high, medium, low.")] = None,
    limit: Limit = 50,
    json_output: Json = False,
) -> None:
    """Show bugs, the newest first."""
    with calls() as client:
        asked = {"project_id": project_id(client, project), "state": state, "severity": severity}
        found = client.listed("/bugs", limit, **asked)
    columns = (Column("bug", right=True), "state", "severity", "since", Column("title", wide=True))
    listed("bugs", found, columns, _row, "There are no such bugs.", json_output)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(one["id"]), printing.state(one["state"]), one["severity"], ago(one["created_at"]), said(line(one["title"])),
    )  # fmt: skip


@app.command("report")
def report(
    title: Annotated[str, typer.Argument(help="What is wrong, in a line.")],
    project: AnyProject = None,
    description: Annotated[
        str, typer.Option("--description", "-d", help="More of it: what you did, what you saw.")
    ] = "",
    severity: Annotated[str, typer.Option(help="critical, high, medium, low.")] = "medium",
    make: Annotated[str | None, typer.Option(help="`task` or `request`: have it mended at once.")] = None,
    json_output: Json = False,
) -> None:
    """Report a bug."""
    with calls() as client:
        number = None if project is None else project_of(client, project)["id"]
        if make is not None and number is None:
            raise InvalidInput("A bug becomes work in a project.", "Give --project.")
        made = client.post(
            "/bugs", title=title, description=description, severity=severity, project_id=number, make=make
        )
    printing.told({"bug": made}, f"Bug {made['id']} is reported.", json_output)


@app.command("show")
def show_bug(bug: Number, json_output: Json = False) -> None:
    """Show one bug."""
    with calls() as client:
        one = client.get(f"/bugs/{bug}")
    if json_output:
        printing.as_json({"bug": one})
        return
    printing.out.print(f"[bold]Bug {one['id']}[/]  {printing.state(one['state'])}, {one['severity']}, "
                       f"by {said(one['created_by'])}, {ago(one['created_at'])}")  # fmt: skip
    printing.out.print(said(line(one["title"])))
    if one["description"]:
        printing.out.print(f"\n{said(one['description'])}")


@app.command("mend")
def mend(
    bug: Number,
    task: Annotated[bool, typer.Option("--task", help="As one task, without a plan.")] = False,
    project: AnyProject = None,
    json_output: Json = False,
) -> None:
    """Make a request of a bug, or a task: an agent mends it."""
    with calls() as client:
        body: dict[str, Any] = {} if project is None else {"project_id": project_of(client, project)["id"]}
        made = client.post(f"/bugs/{bug}/{'task' if task else 'request'}", **body)
    printing.told({"bug": made}, f"Bug {bug} is {made['state']}.", json_output)


@app.command("close")
def close(
    bug: Number,
    fixed: Annotated[bool, typer.Option("--fixed", help="It is fixed; else nothing will be done.")] = False,
    json_output: Json = False,
) -> None:
    """Say that a bug is fixed, or that nothing will be done."""
    with calls() as client:
        one = client.get(f"/bugs/{bug}")
        done = client.patch(f"/bugs/{bug}", version=one["version"], state="fixed" if fixed else "closed")
    printing.told({"bug": done}, f"Bug {bug} is {done['state']}.", json_output)
