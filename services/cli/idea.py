"""`wf idea`: ask for something in plain words, see the plan being written, and say yes or no in place."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli import printing
from services.cli.exits import Exit
from services.cli.find import project_of
from services.cli.hub_calls import calls
from services.cli.idea_decision import decide_in_place
from services.cli.idea_planning import Planned, wait_for_plan
from services.cli.options import Json, ProjectName
from services.cli.plan_words import print_plan
from services.demo.hub_client import HubClient
from services.domain.errors import InvalidInput

Words = Annotated[
    str | None, typer.Argument(metavar="[TEXT]", help="What you want. `-`, or nothing over a pipe: read.")
]
MOST = 1_000_000  # characters of a file that are read; the hub's own limit is lower
Doing = dict[str, Any]


def idea(
    text: Words = None,
    project: ProjectName = None,
    file: Annotated[Path | None, typer.Option("--file", "-F", help="Read what you want from this file.")] = None,
    attach: Annotated[
        list[Path] | None, typer.Option("--attach", "-a", help="A picture or a file. Repeatable.")
    ] = None,
    kind: Annotated[str, typer.Option(help="idea, bug or change.")] = "idea",
    single: Annotated[bool, typer.Option("--single", help="One task of it, without a plan of several.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Approve the plan without asking, where it is sound.")
    ] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Ask, and leave: the plan waits in the inbox.")] = False,
    json_output: Json = False,
) -> None:
    """Ask for something in plain words. The plan is shown as it comes about, and your approval is asked for here.

    Where there is nobody to ask, as over a pipe, the plan waits for you. Exit code 3 where there is no plan, or where
    --yes meets one that has faults or open questions.
    """
    words = _words(text, file)
    with calls() as client:
        its = project_of(client, project)
        asked = _ask(client, {"project_id": its["id"], "text": words, "kind": kind, "single": single}, attach or [])
        if no_wait:
            _told(client.get(f"/requests/{asked['id']}"), None, json_output)
            return
        if not json_output:
            printing.out.print(f"[dim]{its['key']}: the PM reads the workspace and plans[/]")
        planned = wait_for_plan(client, asked["id"], quiet=json_output)
        plan = planned.plan
        if plan is None:
            _told(planned.request, None, json_output, failed=True)
            raise typer.Exit(Exit.UNWELL)
        if not json_output:
            print_plan(plan, planned.questions)
        plan, sound = _decided(client, planned, yes, json_output)
    if json_output:
        _told(planned.request, plan, True)
    if yes and not sound:
        if not json_output:
            printing.warning("It has faults or open questions: it waits for your own word.")
        raise typer.Exit(Exit.UNWELL)


def _decided(client: HubClient, planned: Planned, yes: bool, json_output: bool) -> tuple[Doing, bool]:
    """The plan as it stands then, and whether it was sound enough for --yes."""
    plan = planned.plan or {}
    sound = not plan["faults"] and not planned.questions
    if plan["state"] != "waiting":
        return plan, True
    if yes and sound:
        plan = client.post(f"/plans/{plan['id']}/approve", version=plan["version"])
        if not json_output:
            printing.done(f"Plan {plan['id']} is approved.")
        return plan, True
    if not yes and not json_output and sys.stdin.isatty():
        return decide_in_place(client, planned), sound
    if not json_output:
        printing.out.print(f"\nIt waits for you: wf plan approve {plan['id']}")
    return plan, sound


def _ask(client: HubClient, body: Doing, attach: list[Path]) -> Doing:
    if not attach:
        return client.post("/requests", **body)
    fields = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()}
    with ExitStack() as open_files:
        try:
            files = [(path.name, open_files.enter_context(path.expanduser().open("rb"))) for path in attach]
        except OSError as error:
            raise InvalidInput(f"{error.filename} can't be read: {error.strerror}.", "Name a file.") from error
        return client.upload("/requests/with-files", files, **fields)


def _words(text: str | None, file: Path | None) -> str:
    if text is not None and text != "-" and file is not None:
        raise InvalidInput("A text and --file exclude each other.", "Give one of them.")
    if file is not None:
        try:
            words = file.expanduser().read_text(encoding="utf-8")[:MOST]
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file} can't be read as text: {error}.", "Name a text file in UTF-8.") from error
    elif text is None or text == "-":
        if text is None and sys.stdin.isatty():
            raise InvalidInput("What do you want?", 'For example: wf idea "Add a --json flag to the export command"')
        words = sys.stdin.read(MOST)
    else:
        words = text
    if not words.strip():
        raise InvalidInput("What you want is empty.", "Say it in a sentence or more.")
    return words.strip()


def _told(request: Doing, plan: Doing | None, json_output: bool, *, failed: bool = False) -> None:
    if json_output:
        printing.as_json({"request": request, "plan": plan})
    elif failed:
        printing.warning(f"There is no plan: {request['sentence'] or request['state']}")
    else:
        printing.done(f"Request {request['id']} is asked; its plan will be in the inbox.")
