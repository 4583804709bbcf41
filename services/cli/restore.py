"""`wf restore`: a hub out of its backup."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.cli import hub, printing
from services.cli.options import Json
from services.cli.passphrase import passphrase
from services.domain.errors import InvalidInput


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Stop a running hub, and put aside what a hub with work in it has.")
    ] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the passphrase. Also: WFHUB_BACKUP_PASSPHRASE.")
    ] = None,
    without_secrets: Annotated[bool, typer.Option("--without-secrets", help="Keep the secrets of this .env.")] = False,
    move: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW: workspaces below the folder OLD are below NEW now. Repeatable.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Bring this hub to what the backup holds. Tasks that were in flight go on when it is started."""
    from services.backup.restore import Wish
    from services.stack import bring_back, choice

    settings = hub.settings_to_look()
    phrase = None if without_secrets else (lambda: passphrase(passphrase_file, twice=False))
    say = (lambda sentence: None) if json_output else printing.progress
    wish = Wish(replace=force, workspaces=dict(_pair(text) for text in move or ()))
    back = bring_back.restore(settings, file.expanduser().absolute(), wish, phrase, os.environ, say)
    if json_output:
        printing.as_json({"made_at": back.made_at, "files": back.files, "repositories": back.repositories,
                          "live_runs": back.live_runs, "aside": back.aside, "notes": back.notes,
                          "workspaces": [{"project": key, "path": path, "state": state}
                                         for key, path, state in back.workspaces]})  # fmt: skip
        return
    printing.out.print(
        f"[green]✓[/] The hub is as it was at {back.made_at}: {back.files} files, {back.repositories} repositories; "
        f"{back.live_runs} runs go on when it is started: {choice.start_command(settings)}"
    )
    for key, path, state in back.workspaces:
        if state == "made anew":
            printing.out.print(f"  {key}: {escape(path)} was not there, and was made anew from the backup.")
        if state == "missing":
            printing.out.print(
                f"[yellow]![/] {key}: its repository {escape(path)} is not there. Bring it there, or restore again "
                f"with --force --move {escape(path)}=NEW."
            )
    for note in back.notes:
        printing.out.print(f"[yellow]![/] {escape(note)}.")
    if back.aside:
        printing.out.print(f"  What was here before is in {escape(str(back.aside))}; delete it when you miss nothing.")
    printing.out.print("  Every browser is signed out: ./start.sh login makes a link.")


def _pair(text: str) -> tuple[str, str]:
    old, separator, new = text.partition("=")
    if not separator or not old.startswith("/") or not new.startswith("/"):
        raise InvalidInput(f"--move {text!r} is not OLD=NEW.", "Give two absolute folders: --move /old=/new")
    return old.rstrip("/"), new.rstrip("/")
