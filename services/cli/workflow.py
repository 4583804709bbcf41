"""`wf workflow`: check, import, export and list the stages that tasks go through."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from services.cli import printing
from services.cli.errors import HubAway
from services.cli.exits import Exit
from services.cli.find import project_of
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import Json
from services.cli.outside import said
from services.demo.errors import HubRefused
from services.domain.errors import InvalidInput
from services.roles.definition import MAX_BYTES, read_definition, refusal
from services.roles.errors import WorkflowInvalid
from services.roles.shipped import ROLES
from services.roles.yaml_places import Fault

app = typer.Typer(help="Workflows: the stages that tasks go through, as YAML.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A workflow's YAML file.")]
NOT_ASKED = "The hub does not answer: roles were compared with those that are shipped."


@app.command("list")
def list_workflows(json_output: Json = False) -> None:
    """Show the workflows of the hub, and who uses them."""
    with calls() as client:
        rows: list[dict[str, Any]] = client.get("/workflows")
    if json_output:
        printing.as_json({"workflows": rows})
        return
    figures = [Column(title, right=True) for title in ("projects", "open tasks")]
    columns = ("workflow", Column("version", right=True), "from", *figures, Column("stages", wide=True))
    told = (
        (said(row["name"]), str(row["version"]), row["origin"], str(row["projects"]), str(row["open_tasks"]),
         said(" → ".join(row["stages"])))
        for row in rows
    )  # fmt: skip
    show(columns, told, "There are no workflows.")


@app.command("check")
def check(file: File, json_output: Json = False) -> None:
    """Check a workflow's file, line by line. Nothing is kept; exit code 1 where something is wrong."""
    source = _text_of(file)
    asked = True
    try:
        with calls() as client:
            told: dict[str, Any] = client.post("/workflows/check", source=source, file=file.name)
    except HubAway:
        asked, told = False, _checked_here(source, file.name)
    if json_output:
        printing.as_json({**told, "file": str(file), "asked_hub": asked})
    else:
        if not asked:
            printing.warning(NOT_ASKED)
        _print_errors(told["errors"], told["faults"])
        if told["valid"]:
            printing.out.print(f"[green]✓[/] {said(told['name'])}: {' → '.join(told['stages'])}")
    if not told["valid"]:
        raise typer.Exit(Exit.REFUSED)


@app.command("import")
def import_workflow(
    file: File,
    project: Annotated[
        str | None, typer.Option(help="Make it this project's own (key, id or name), and its new tasks go through it.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Bring a workflow's file to the hub, as the next version of its name. Open tasks keep the version they have."""
    body: dict[str, Any] = {"source": _text_of(file), "file": file.name}
    try:
        with calls() as client:
            if project is not None:
                body["project_id"] = project_of(client, project)["id"]
            made: dict[str, Any] = client.post("/workflows", **body)
    except HubRefused as refused:
        if not refused.data.get("errors"):
            raise
        if json_output:
            printing.as_json({"valid": False, "errors": refused.data["errors"]})
        else:
            _print_errors(refused.data["errors"], len(refused.data["errors"]))
        raise typer.Exit(Exit.REFUSED) from None
    if json_output:
        printing.as_json({name: made[name] for name in ("name", "version", "new", "notice", "sha256")})
        return
    done = "imported" if made["new"] else "there already"
    printing.out.print(f"[green]✓[/] {said(made['name'])} version {made['version']}: {done}.")
    printing.out.print(f"  {said(made['notice'])}")


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="The workflow's name.")],
    version: Annotated[int | None, typer.Option(min=1, help="The newest when left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it to this new file, not to the terminal.")] = None,
    json_output: Json = False,
) -> None:
    """Print a workflow's text, byte by byte as it was imported."""
    wanted = {} if version is None else {"version": version}
    with calls() as client:
        row: dict[str, Any] = client.get(f"/workflows/{name}", **wanted)
    if json_output:
        printing.as_json({"workflow": row})
        return
    data = row["source"].encode()
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    try:
        with out.open("xb") as stream:
            stream.write(data)
    except OSError as error:
        raise InvalidInput(f"{out} can't be written: {error.strerror}.", "Name a new file.") from error
    printing.out.print(f"[green]✓[/] {said(row['name'])} version {row['version']} is in {said(str(out))}.")


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.", "Name a workflow's YAML file.") from error
    if len(data) > MAX_BYTES:
        raise refusal(file.name, [Fault(1, 1, f"the file is larger than {MAX_BYTES // 1024} KiB")])
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal(file.name, [Fault(line, 1, "this is not written in UTF-8: save the file as UTF-8")]) from None


def _checked_here(source: str, file: str) -> dict[str, Any]:
    roles = frozenset(yaml.safe_load(ROLES.read_text(encoding="utf-8"))["roles"])
    try:
        workflow = read_definition(source, file, roles)
    except WorkflowInvalid as error:
        return {"valid": False, "name": None, "stages": [], **error.data}
    stages = [stage.name for stage in workflow.stages]
    return {"valid": True, "name": workflow.name, "stages": stages, "faults": 0, "errors": []}


def _print_errors(errors: list[dict[str, Any]], count: int) -> None:
    """As compilers print them: an editor can jump to each."""
    for error in errors:
        printing.err.print(f"[bold]{said(error['where'])}:[/] {said(error['what'])}")
    if count > len(errors):
        printing.err.print(f"and {count - len(errors)} more")
