"""Runs detect-secrets over the files that a NUL-separated list names, one after the other, and prints JSON.

Started with `python -I -c` in the cage, so it stands alone. Its own command line starts a pool of processes, reads the
project's allow-lists and can be silenced by a comment in the very code it is to judge.
"""

import json
import os
import sys
from pathlib import Path

from detect_secrets.core import scan
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

ALLOW_LIST_COMMENTS = "detect_secrets.filters.allowlist.is_line_allowlisted"


def main() -> None:
    names = [os.fsdecode(name) for name in Path(sys.argv[1]).read_bytes().split(b"\0") if name]
    found = SecretsCollection()
    with default_settings() as settings:
        settings.disable_filters(ALLOW_LIST_COMMENTS)
        for name in names:
            try:
                found.scan_file(name)
            except Exception as error:  # noqa: BLE001 - its readers of YAML and INI raise what they like: no file may end it
                sys.stderr.write(f"{name!r} is looked at line by line: {error!r:.200}\n")
                _line_by_line(found, name)
        json.dump(found.json(), sys.stdout)


def _line_by_line(found: SecretsCollection, name: str) -> None:
    """As text, whatever its form is."""
    for number, line in enumerate(Path(name).read_text(errors="replace").split("\n"), start=1):
        for secret in scan.scan_line(line):
            secret.filename, secret.line_number = name, number
            found[name].add(secret)


main()
