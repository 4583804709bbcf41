"""`wf project`: the git workspaces that agents work in."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.asking import sure
from services.cli.find import archived_project, project_of
from services.cli.hub_calls import calls
from services.cli.listing import Column, listed
from services.cli.options import Json, Limit, Yes
from services.cli.outside import line, said
from services.cli.words import usd
from services.domain.errors import InvalidInput

app = typer.Typer(help="Projects: the git workspaces that agents work in.", no_args_is_help=True)
Named = Annotated[
    str | None, typer.Argument(metavar="PROJECT", help="Key, id or name.", autocompletion=complete.projects)
]
Budget = Annotated[float | None, typer.Option("--budget", min=0, help="US dollars that its models may cost.")]
Branch = Annotated[str | None, typer.Option("--branch", help="The branch that changes are merged into.")]


@app.command("list")
def list_projects(
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    limit: Limit = 200,
    json_output: Json = False,
) -> None:
    """Show the projects, and how much of each is open, at work and waiting."""
    with calls() as client:
        found = client.listed("/projects", limit, archived=archived)
        counts = {one["id"]: one for one in client.get("/summary")["projects"]}
    columns = ("key", Column("name", wide=True), "state", Column("open", right=True), Column("works", right=True),
               Column("waits", right=True), Column("workspace", wide=True))  # fmt: skip

    def row(one: dict[str, Any]) -> tuple[str, ...]:
        count = counts.get(one["id"], {})
        figures = (str(count.get(name, 0)) for name in ("open", "running", "waiting"))
        return (one["key"], said(line(one["name"])), printing.state(_state(one)), *figures, said(one["workspace_path"]))

    empty = "No project is archived." if archived else "There is no project yet. Make one: wf project create FOLDER"
    listed("projects", found, columns, row, empty, json_output)


@app.command("create")
def create(
    workspace: Annotated[str, typer.Argument(help="Its folder: a path, or a name below the hub's workspaces.")],
    name: Annotated[str | None, typer.Option(help="Left out: the folder's name.")] = None,
    key: Annotated[str | None, typer.Option(help="What its tasks' keys begin with, such as WEB.")] = None,
    workflow: Annotated[str, typer.Option(help="The stages that its tasks go through.")] = "software",
    branch: Branch = None,
    budget: Budget = None,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Also with changes not committed.")] = False,
    json_output: Json = False,
) -> None:
    """Make a project of a folder. One that is missing or has no git is made and initialised."""
    place = Path(workspace).expanduser()
    here = place if place.is_absolute() or not (workspace.startswith(".") or place.is_dir()) else place.resolve()
    wanted: dict[str, Any] = {
        "name": name or here.name, "workspace_path": str(here), "workflow": workflow, "allow_dirty": allow_dirty,
        "key": key.upper() if key else None, "default_branch": branch, "budget_usd": budget,
    }  # fmt: skip
    with calls() as client:
        made = client.post("/projects", **{field: value for field, value in wanted.items() if value is not None})
    if json_output:
        printing.as_json({"project": made})
        return
    printing.done(f"{made['key']}: {made['name']}, in {made['workspace_path']} on {made['default_branch']}.")
    printing.out.print(f'  Ask for something: wf idea -p {made["key"]} "..."')


@app.command("show")
def show_project(project: Named = None, json_output: Json = False) -> None:
    """Show one project; unnamed that of the folder you are in."""
    with calls() as client:
        one = client.get(f"/projects/{project_of(client, project)['id']}")
        workflow = client.get(f"/projects/{one['id']}/workflow")
    if json_output:
        printing.as_json({"project": one, "workflow": workflow})
        return
    printing.out.print(f"[bold]{one['key']}[/]  {said(line(one['name']))}")
    facts = {
        "workspace": one["workspace_path"], "branch": f"{one['default_branch']}, {one['merge_method']}",
        "workflow": f"{workflow['workflow']} version {workflow['version']}",
        "state": _state(one),
        "budget": usd(one["budget_usd"]), "a run": usd(one["run_budget_usd"]), "environment": one["environment"] or "-",
    }  # fmt: skip
    for name, value in facts.items():
        printing.out.print(f"  [dim]{name:<12}[/] {said(value)}")


@app.command("edit")
def edit(
    project: Named,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    workflow: Annotated[str | None, typer.Option(help="For new tasks; open ones keep theirs.")] = None,
    environment: Annotated[str | None, typer.Option(help="What agents are told of where it runs.")] = None,
    branch: Branch = None,
    budget: Budget = None,
    no_budget: Annotated[bool, typer.Option("--no-budget", help="No limit of its own.")] = False,
    json_output: Json = False,
) -> None:
    """Change a project. What is not named stays."""
    change: dict[str, Any] = {"name": name, "workflow": workflow, "environment": environment, "default_branch": branch,
                              "budget_usd": budget}  # fmt: skip
    change = {field: value for field, value in change.items() if value is not None}
    if no_budget:
        if budget is not None:
            raise InvalidInput("--budget and --no-budget exclude each other.", "Give one of them.")
        change["budget_usd"] = None
    if not change:
        raise InvalidInput("Nothing to change was named.", "wf project edit --help tells what there is.")
    with calls() as client:
        one = project_of(client, project)
        edited = client.patch(f"/projects/{one['id']}", version=one["version"], **change)
    printing.told({"project": edited}, f"{edited['key']} is changed: {', '.join(change)}.", json_output)


@app.command("archive")
def archive(
    project: Named,
    force: Annotated[bool, typer.Option("--force", help="Also end what runs in it.")] = False,
    json_output: Json = False,
) -> None:
    """Put a project away; it can be brought back."""
    with calls() as client:
        one = project_of(client, project)
        done = client.post(f"/projects/{one['id']}/archive" + ("?force=true" if force else ""))
    printing.told(
        {"project": done}, f"{one['key']} is archived. Back again: wf project unarchive {one['key']}", json_output
    )


@app.command("unarchive")
def unarchive(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Key, id or name: wf project list --archived.")],
    json_output: Json = False,
) -> None:
    """Bring an archived project back."""
    with calls() as client:
        done = client.post(f"/projects/{archived_project(client, project)['id']}/unarchive")
    printing.told({"project": done}, f"{done['key']} is back.", json_output)


@app.command("delete")
def delete(
    project: Named,
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="Also end what runs in it.")] = False,
    json_output: Json = False,
) -> None:
    """Remove a project from the hub. Its folder and its history stay."""
    with calls() as client:
        one = project_of(client, project)
        sure(f"Remove {one['key']} from the hub?", yes=yes)
        client.delete(f"/projects/{one['id']}", **({"force": True} if force else {}))
    printing.told(
        {"deleted": one["key"]}, f"{one['key']} is removed; {one['workspace_path']} is as it was.", json_output
    )


def _state(project: dict[str, Any]) -> str:
    return "paused" if project["paused"] else "archived" if project["archived_at"] else "on"
