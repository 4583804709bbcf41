"""`wf backup`: the whole hub in one file, also while it works."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from services.cli import hub, printing
from services.cli.options import Json
from services.cli.passphrase import passphrase


def backup(
    file: Annotated[Path, typer.Argument(help="The backup to write; a file of that name must not exist.")],
    passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the passphrase. Also: WFHUB_BACKUP_PASSPHRASE.")
    ] = None,
    without_secrets: Annotated[bool, typer.Option("--without-secrets", help="Leave .env and its keys out.")] = False,
    json_output: Json = False,
) -> None:
    """Write database, files, repositories and secrets of this hub to one file. The hub may go on working."""
    from services.backup.make import make_backup  # these take a while to import
    from services.stack import backups

    began = time.monotonic()
    settings = hub.settings_to_look()
    place = backups.place_running(settings)
    seal = None if without_secrets else _seal(backups.secrets_of(settings), passphrase(passphrase_file, twice=True))
    say = (lambda sentence: None) if json_output else printing.progress
    made = make_backup(place, file.expanduser(), seal=seal, say=say)
    if json_output:
        printing.as_json({"file": made.file, "size": made.size, "files": made.files, "repositories": made.repositories,
                          "live_runs": made.live_runs, "notes": made.notes})  # fmt: skip
        return
    seconds = time.monotonic() - began
    printing.out.print(
        f"[green]✓[/] {escape(str(made.file))}: {printing.size(made.size)}, {made.files} files, {made.repositories} "
        f"repositories, {made.live_runs} runs in flight; read back and in order ({seconds:.1f} s)."
    )
    for note in made.notes:
        printing.out.print(f"[yellow]![/] Missing in the hub itself: {escape(note)}.")
    if without_secrets:
        printing.out.print("  Without secrets: keep .env in a safe place yourself, stored credentials need its key.")
    else:
        printing.out.print("  Its secrets need the passphrase. All else in it can be read by whoever has the file.")


def _seal(kept: dict[str, str], phrase: str) -> Callable[[bytes], bytes]:
    from services.backup import secrets

    secrets.check_passphrase(phrase)
    return lambda manifest: secrets.lock(phrase, kept, manifest)
