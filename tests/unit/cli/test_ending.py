"""How a command ends where a person, a pipe or a terminal is not as one would wish."""

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
import typer

from services.cli import programs
from services.cli.ending import ended
from services.cli.exits import Exit

WRITES = """
import sys
from services.cli import printing
from services.cli.ending import ended
sys.exit(ended(lambda: (printing.done("Grüße"), printing.as_json({"title": "Grüße"}))))
"""
FLOODS = """
import sys, typer
from services.cli.ending import ended
app = typer.Typer()
@app.command()
def flood() -> None:
    while True:
        print("line")
sys.exit(ended(app))
"""


class LeftByCtrlC(io.StringIO):
    def readline(self, _most: int | None = -1) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_at_a_question_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    app.command()(lambda: typer.confirm("Really?"))
    monkeypatch.setattr("sys.stdin", LeftByCtrlC())
    assert ended(lambda: app([])) == Exit.INTERRUPTED
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert ended(lambda: app([])) == Exit.REFUSED


def test_a_reader_that_has_enough_is_no_failure() -> None:
    flooding = subprocess.Popen([sys.executable, "-c", FLOODS], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert flooding.stdout is not None and flooding.stderr is not None
    assert flooding.stdout.readline() == b"line\n"
    flooding.stdout.close()
    assert (flooding.wait(30), flooding.stderr.read()) == (Exit.OK, b"")
    flooding.stderr.close()


def test_a_terminal_that_lacks_characters_gets_others() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", WRITES], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == Exit.OK, done.stderr
    sentence, _, document = done.stdout.partition("\n")
    assert sentence == "? Gr??e" and json.loads(document)["title"] == "Grüße"


@pytest.mark.parametrize("wrong", [lambda: "\udcff".encode(), lambda: b"\xff".decode()], ids=["argument", "pipe"])
def test_what_is_not_utf_8_is_a_refusal(wrong: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(wrong) == Exit.USAGE
    assert "not text in UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("program", [programs.wf, programs.aicoder])
def test_ctrl_c_before_all_is_imported_is_an_interrupt(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.__import__", interrupted)
    with pytest.raises(SystemExit) as left:
        program()
    monkeypatch.undo()
    assert left.value.code == Exit.INTERRUPTED
