"""`wf` in this process, as a shell would have it: what it printed, and how it ended."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

from services.cli import printing
from services.cli.app import main


@dataclass(frozen=True)
class Ended:
    """Of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Of a command that prints one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def wf(*words: str, typed: str = "") -> Ended:
    """Over a pipe: nobody is asked, nothing is coloured. `typed` is what comes in."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["wf", *words]),
        mock.patch.object(sys, "stdin", io.StringIO(typed)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        printing.wants_json(False)
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(code, out.getvalue(), err.getvalue())
