"""Lists on a terminal: cut to its width, paged where they are longer than the screen; whole lines over a pipe."""

import io
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli import printing
from services.cli.options import MOST
from services.demo.hub_client import Listed

Row = dict[str, Any]
WHOLE = 100_000  # columns of a pipe: nothing is cut there


@dataclass(frozen=True)
class Column:
    """`wide`: gives way first where there is little room. `right`: figures."""

    title: str
    wide: bool = False
    right: bool = False


def show(columns: Sequence[str | Column], rows: Iterable[Sequence[str]], empty: str, total: int | None = None) -> None:
    """The rows, which are Rich's markup already; `empty` where there are none, and how many there are beyond them."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for one in columns:
        column = one if isinstance(one, Column) else Column(one)
        table.add_column(
            column.title, no_wrap=True, overflow="ellipsis", justify="right" if column.right else "left",
            min_width=8 if column.wide else None, ratio=1 if column.wide else None,
        )  # fmt: skip
    for row in rows:
        table.add_row(*row)
    if not table.row_count:
        printing.out.print(empty)
        return
    text = _drawn(table)
    more = (total or 0) - table.row_count
    if more > 0:
        text += f"and {more} more: --limit {min(total or 0, MOST)}\n"
    if printing.out.is_terminal and text.count("\n") >= shutil.get_terminal_size().lines:
        os.environ.setdefault("LESS", "-FRX")  # colours stay, and what fits after all is not held
        with printing.out.pager(styles=not printing.out.no_color):
            printing.out.print(Text.from_ansi(text), end="")
    else:
        typer.echo(text, nl=False, color=printing.out.is_terminal and not printing.out.no_color)


def listed(
    name: str, found: Listed, columns: Sequence[str | Column], row: Callable[[Row], Sequence[str]], empty: str,
    json_output: bool,
) -> None:  # fmt: skip
    """The hub's rows under their name as JSON, else `show` with what `row` makes of each."""
    if json_output:
        printing.as_json({name: found.rows, "total": found.total})
    else:
        show(columns, (row(one) for one in found.rows), empty, found.total)


def table_of(table: Table) -> None:
    """One of words that may be folded on a terminal; over a pipe each row is one line."""
    if printing.out.is_terminal:
        printing.out.print(table)
    else:
        typer.echo(_drawn(table), nl=False)


def _drawn(table: Table) -> str:
    real = printing.out.is_terminal
    width = shutil.get_terminal_size().columns if real else WHOLE
    if not real:
        for column in table.columns:
            column.ratio = None  # or the widest would fill the whole width
    paper = Console(
        file=io.StringIO(), width=width, force_terminal=real, no_color=printing.out.no_color, highlight=False,
        legacy_windows=False,
    )  # fmt: skip
    paper.print(table, crop=False)
    lines = paper.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "".join(line.rstrip() + "\n" for line in lines)
