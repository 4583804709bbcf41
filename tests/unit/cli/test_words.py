"""What is said on a terminal: safe whatever came from outside, in words that fit."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from rich.console import Console
from rich.pager import SystemPager
from rich.text import Text
from typer import Exit

from services.cli import listing, printing
from services.cli.outside import line, lines, plain, said
from services.cli.run_lines import Lines
from services.cli.status import status
from services.cli.words import ago, span, usd

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://spy.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x08b\rc\x9b31md", "abc31md"),
        ("left\u202eright", "leftright"),
        ("tab\tand\nnewline stay", "tab\tand\nnewline stay"),
        ("unfinished \x1b", "unfinished "),
    ],
)
def test_nothing_is_left_that_a_terminal_obeys(text: str, left: str) -> None:
    assert plain(text) == left


def test_markup_of_others_is_text() -> None:
    assert Text.from_markup(said("[bold]no[/bold] [/]")).plain == "[bold]no[/bold] [/]"
    assert line("two\n lines\t here") == "two lines here"


def test_a_line_ends_where_git_ends_it() -> None:
    assert lines("+one\u2028still one\r\n\n-two\x0cstill two\n") == ["+one\u2028still one", "", "-twostill two"]
    assert lines("") == []


def test_times_and_money() -> None:
    assert [span(seconds) for seconds in (0.2, 59, 61, 7_200, 200_000)] == ["0 s", "59 s", "1 min", "2 h", "2 d"]
    assert ago((NOW - timedelta(minutes=3)).isoformat(), NOW) == "3 min" and ago(None) == "-"
    assert [usd(amount) for amount in (None, 0, 0.0132, "2.5")] == ["no limit", "$0.00", "$0.0132", "$2.50"]


def test_output_in_pieces_is_put_together() -> None:
    lines = Lines()
    pieces = ["..", "...F", "\nnext li", "ne\n"]
    told = [list(lines.of({"kind": "output", "text": text, "data": {"source": "tests"}})) for text in pieces]
    assert told == [[], [], [".....F"], ["next line"]]
    assert list(lines.of({"kind": "output", "text": "half", "data": {"source": "tests"}})) == []
    assert list(lines.of({"kind": "notice", "text": "The end", "data": {}})) == ["half", "[dim][/] The end"]


def test_a_list_is_cut_to_a_terminal_and_whole_over_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("WEB-1", "a title that is much longer than what is left " * 4)]
    columns = ("task", listing.Column("title", wide=True))
    listing.show(columns, rows, "none", total=3)
    piped = capsys.readouterr().out.splitlines()
    assert piped[1] == f"WEB-1  {rows[0][1].rstrip()}" and piped[2] == "and 2 more: --limit 3"
    monkeypatch.setattr(printing, "out", Console(force_terminal=True, highlight=False))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    listing.show(columns, rows, "none")
    seen = [plain(text) for text in capsys.readouterr().out.splitlines()]
    assert all(len(text) <= 80 for text in seen) and seen[1].endswith("…")


def test_the_services_are_a_line_each_over_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    complaint = "It ended with 1 and its log says why, in more words than a terminal is wide. " * 2
    address = "http://127.0.0.1:8002"
    service = SimpleNamespace(name="main-api", state="bad", pid=None, address=address, complaint=complaint)
    found = SimpleNamespace(stack=SimpleNamespace(status=lambda: [service]), kind="local", logs="/there")
    monkeypatch.setattr("services.cli.status.hub.settings_to_look", SimpleNamespace)
    monkeypatch.setattr("services.cli.status.choice.to_look", lambda _settings: found)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(Exit):
        status()
    header, row, logs = capsys.readouterr().out.splitlines()
    assert header.split() == ["service", "state", "pid", "address"] and logs == "Logs: /there"
    assert " ".join(row.split()) == f"main-api bad - {address} {complaint.strip()}"


def test_a_long_list_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    paged: list[str] = []
    monkeypatch.setattr(printing, "out", Console(force_terminal=True, highlight=False))
    monkeypatch.setattr(SystemPager, "show", lambda _pager, content: paged.append(content))
    monkeypatch.setenv("LINES", "10")
    listing.show(("n",), ((str(number),) for number in range(20)), "none")
    assert len(paged) == 1 and paged[0].count("\n") == 21
