"""The question before something that can't be taken back."""

import io

import pytest
import typer

from services.cli.asking import sure
from services.cli.exits import Exit
from services.domain.errors import InvalidInput


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_yes_goes_on_and_no_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "y\n")
    sure("Remove it?", yes=False)
    typed(monkeypatch, "n\n")
    with pytest.raises(typer.Exit) as left:
        sure("Remove it?", yes=False)
    assert left.value.exit_code == Exit.REFUSED


def test_where_nobody_answers_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    with pytest.raises(InvalidInput) as refused:
        sure("Remove it?", yes=False)
    assert refused.value.way_out == "Say --yes."
    sure("Remove it?", yes=True)
