"""`wf approve`, `wf reject`, `wf answer`: your word on what waits, by a task's key or an item's."""

from typing import Annotated, Any

import typer

from services.cli import complete, printing
from services.cli.find import decided, item_of
from services.cli.hub_calls import calls
from services.cli.options import Json, Note
from services.cli.outside import line

Waiting = Annotated[
    str,
    typer.Argument(metavar="ITEM", help="A task's key, or an item's of `wf inbox`.", autocompletion=complete.items),
]


def approve(item: Waiting, note: Note = "", json_output: Json = False) -> None:
    """Approve: a change is merged, a plan's tasks appear. It is what you approve as it is now, and nothing newer."""
    _say(item, "approve", json_output, note=note)


def reject(
    item: Waiting,
    changes: Annotated[
        str | None, typer.Option("--changes", "-c", help="What shall be different: it goes back.")
    ] = None,
    note: Note = "",
    json_output: Json = False,
) -> None:
    """Reject: the task is cancelled, the plan dropped. With --changes it goes back to be done better."""
    if changes is not None:
        _say(item, "request_changes", json_output, note=changes)
    else:
        _say(item, "reject", json_output, note=note)


def answer(
    item: Waiting,
    text: Annotated[str, typer.Argument(help="Your answer.")],
    json_output: Json = False,
) -> None:
    """Answer an agent's question: of a task, or question:4."""
    _say(f"question:{item}" if item.isdecimal() else item, "answer", json_output, answer=text)


def _say(named: str, decision: str, json_output: bool, **words: Any) -> None:
    with calls() as client:
        item = item_of(client, named, decision)
        result = decided(client, item, decision, **words)
    told(result, item, json_output)


def told(result: dict[str, Any], item: dict[str, Any], json_output: bool) -> None:
    """What became of the word."""
    if json_output:
        printing.as_json({"decision": result})
    else:
        printing.done(
            f"{item['key']}: {result['decision'].replace('_', ' ')}, now {result['state']}. {line(item['title'])}"
        )
