"""Options that many commands have, each written once."""

from typing import Annotated

import typer

from services.cli import complete, printing

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON: its shape is in docs/cli.md.", callback=printing.wants_json)
]
ProjectName = Annotated[
    str | None,
    typer.Option(
        "--project", "-p", envvar="WFHUB_PROJECT", autocompletion=complete.projects,
        help="Key, id or name. Left out: that of the folder you are in, or the only one.",
    ),
]  # fmt: skip
AnyProject = Annotated[
    str | None,
    typer.Option("--project", "-p", autocompletion=complete.projects, help="Of this project only: key, id or name."),
]
MOST = 10_000  # rows of a list
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")]
TaskKey = Annotated[
    str, typer.Argument(metavar="TASK", help="A task's key, such as WEB-12.", autocompletion=complete.tasks)
]
Note = Annotated[str, typer.Option("--note", "-m", help="Your words on it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
