"""`wf plan`: the PM's answers to requests: shown, approved, sent back, rejected, followed."""

from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.find import plan_of, project_id
from services.cli.hub_calls import calls
from services.cli.listing import Column, listed, show
from services.cli.options import AnyProject, Json, Limit, Note
from services.cli.outside import line, said
from services.cli.plan_words import print_plan
from services.cli.words import ago, usd

app = typer.Typer(help="Plans: the PM's answers to what you asked for.", no_args_is_help=True)
Number = Annotated[
    str | None,
    typer.Argument(metavar="PLAN", help="Its number; left out: the one that waits.", autocompletion=complete.plans),
]
Numbered = Annotated[str, typer.Argument(metavar="PLAN", help="Its number.", autocompletion=complete.plans)]
Words = Annotated[str, typer.Argument(help="What shall be different.")]


@app.command("list")
def list_plans(
    project: AnyProject = None,
    state: Annotated[str | None, typer.Option(help="waiting, approved, done, changes_asked, rejected.")] = None,
    limit: Limit = 30,
    json_output: Json = False,
) -> None:
    """Show plans, the newest first."""
    with calls() as client:
        found = client.listed("/plans", limit, project_id=project_id(client, project), state=state)
    columns = (Column("plan", right=True), "state", Column("tasks", right=True), "made", Column("summary", wide=True))
    listed("plans", found, columns, _row, 'There are no such plans. Ask for something: wf idea "..."', json_output)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(one["id"]), printing.state(one["state"]), str(len(one["body"].get("tasks", []))), ago(one["created_at"]),
        said(line(one["summary"])),
    )  # fmt: skip


@app.command("show")
def show_plan(plan: Number = None, json_output: Json = False) -> None:
    """Show one plan: its tasks, their criteria, its questions."""
    with calls() as client:
        one = plan_of(client, plan)
        questions = client.listed("/questions", 200, plan_id=one["id"], state="asked", sort="id").rows
    if json_output:
        printing.as_json({"plan": one, "questions": questions})
        return
    print_plan(one, questions)
    if one["state"] == "waiting":
        printing.out.print(f"\nwf plan approve {one['id']}   wf plan change {one['id']} \"...\"   "
                           f"wf plan reject {one['id']}")  # fmt: skip


@app.command("approve")
def approve(plan: Number = None, json_output: Json = False) -> None:
    """Approve a plan as you see it now: its tasks appear and start."""
    with calls() as client:
        one = plan_of(client, plan)
        approved = client.post(f"/plans/{one['id']}/approve", version=one["version"])
    if json_output:
        printing.as_json({"plan": approved})
        return
    printing.done(f"Plan {one['id']} is approved: {len(one['body'].get('tasks', []))} tasks.")
    printing.out.print(f"  How far it is: wf plan progress {one['id']}")


@app.command("change")
def change(plan: Numbered, words: Words, json_output: Json = False) -> None:
    """Send a plan back to the PM with your words; a new one comes."""
    with calls() as client:
        one = plan_of(client, plan)
        sent = client.post(f"/plans/{one['id']}/request-changes", feedback=words)
    printing.told({"plan": sent}, f"Plan {one['id']} goes back to the PM.", json_output)


@app.command("reject")
def reject(plan: Number = None, note: Note = "", json_output: Json = False) -> None:
    """Reject a plan: nothing is done."""
    with calls() as client:
        one = plan_of(client, plan)
        done = client.post(f"/plans/{one['id']}/reject", note=note)
    printing.told({"plan": done}, f"Plan {one['id']} is rejected.", json_output)


@app.command("progress")
def progress(plan: Numbered, json_output: Json = False) -> None:
    """Show how far an approved plan is."""
    with calls() as client:
        one = plan_of(client, plan)
        far = client.get(f"/plans/{one['id']}/progress")
    if json_output:
        printing.as_json({"progress": far})
        return
    left = f", about {far['minutes_left']} minutes left" if far["minutes_left"] else ""
    printing.out.print(f"[bold]Plan {one['id']}[/]  {far['share'] * 100:.0f} %{left}, {usd(far['cost'])}")
    rows = [
        (each["key"], said(each["stage"]), printing.state(each["state"]),
         said(line(each["waiting_sentence"] or each["title"])))
        for each in far["tasks"]
    ]  # fmt: skip
    show(("task", "stage", "state", Column("", wide=True)), rows, "It has no tasks.")
