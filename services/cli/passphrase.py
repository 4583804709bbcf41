"""The passphrase that a backup's secrets are locked with: from a file, from the environment, or asked for."""

import os
import sys
from pathlib import Path

import typer

from services.backup.errors import PassphraseRefused

VARIABLE = "WFHUB_BACKUP_PASSPHRASE"


def passphrase(file: Path | None, *, twice: bool) -> str:
    """`twice`: a new one, which is asked for again. Raises PassphraseRefused where there is nobody to ask."""
    if file is not None:
        try:
            return file.expanduser().read_text(encoding="utf-8").splitlines()[0]
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise PassphraseRefused(f"{file} holds no passphrase.", "Write it in the file's first line.") from error
    given = os.environ.get(VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise PassphraseRefused(
            "The backup's secrets need a passphrase, and there is nobody to ask.",
            f"Give --passphrase-file, set {VARIABLE}, or leave the secrets out: --without-secrets.",
        )
    return typer.prompt("Passphrase for the backup's secrets", hide_input=True, confirmation_prompt=twice, err=True)
