"""`wf models pull|roles|use`: models as the running hub has them."""

from typing import Annotated, Any

import typer

from services.cli import printing
from services.cli.exits import Exit
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.model_jobs import LIVE, watched
from services.cli.options import Json
from services.cli.outside import line, said


def pull(
    model: Annotated[str, typer.Argument(help="provider/name, such as ollama/qwen2.5-coder:1.5b.")],
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Ask for it, and leave.")] = False,
    json_output: Json = False,
) -> None:
    """Have the hub fetch a model. Ctrl C leaves it, and it goes on; exit code 1 where it failed."""
    with calls() as client:
        job = client.post("/model-jobs", kind="pull", model=model)
        if not no_wait:
            job = watched(client, model, job["id"], silent=json_output)
    if json_output:
        printing.as_json({"job": job})
    elif no_wait:
        printing.done(f"Job {job['id']} is {job['state']}.")
    elif job["state"] == "done":
        printing.done(f"{model} is there.")
    else:
        printing.warning(f"{model}: {job['state']}. {job['sentence']} {job['way_out']}".strip())
    if job["state"] not in (*LIVE, "done"):
        raise typer.Exit(Exit.REFUSED)


def roles(json_output: Json = False) -> None:
    """Show which models each role asks, in their order."""
    with calls() as client:
        rows = client.listed("/roles", 500).rows
    if json_output:
        printing.as_json({"roles": rows})
        return
    told = [(said(one["name"]), said(line(one["title"])), said(_names(one))) for one in rows]
    show(("role", "title", Column("models", wide=True)), told, "There are no roles.")


def use(
    role: Annotated[str, typer.Argument(help="The role, such as dev.")],
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="provider/name; the first is asked first.")],
    json_output: Json = False,
) -> None:
    """Choose a role's models, in their order: the others stand in where the first can't."""
    with calls() as client:
        version = client.get(f"/roles/{role}")["version"]
        after = client.put(f"/roles/{role}/models", version=version, models=models)
    printing.told({"role": after}, f"{after['name']} asks {_names(after)}.", json_output)


def _names(role: dict[str, Any]) -> str:
    names = [one if isinstance(one, str) else one["model"] for one in role["models"] or []]
    return ", ".join(names) or role["model"] or "the hub's default"
