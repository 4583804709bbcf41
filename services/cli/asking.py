"""The question before something that can't be taken back."""

import sys

import typer

from services.cli.exits import Exit
from services.domain.errors import InvalidInput


def sure(question: str, *, yes: bool, way_out: str = "Say --yes.") -> None:
    """Goes on where a person agrees, or did so with --yes; else the command ends. Raises InvalidInput where nobody
    is there to answer."""
    if yes:
        return
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort as left:
        if isinstance(left.__context__, EOFError) and not sys.stdin.isatty():
            raise InvalidInput("It was not done: nobody was there to say yes.", way_out) from left
        raise
    if not agreed:
        raise typer.Exit(Exit.REFUSED)
