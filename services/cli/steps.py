"""What goes on while one waits: each sentence with its second, and the newest one alive at the end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.cli import printing
from services.cli.outside import said


@contextmanager
def steps(*, silent: bool = False) -> Iterator[Callable[[str], None]]:
    """Yields what is told a sentence at a time. On a terminal the last one turns until the next comes; elsewhere, in a
    log for instance, each is a line. All of it goes to standard error; `silent` prints nothing."""
    begun = time.monotonic()

    def line(sentence: str) -> None:
        printing.err.print(f"  [dim]{time.monotonic() - begun:5.1f} s  {said(sentence)}[/]")

    if silent:
        yield lambda sentence: None
        return
    if not printing.err.is_terminal:
        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=printing.err, transient=True) as progress:
        task = progress.add_task("looking at what is there", total=None)

        def say(sentence: str) -> None:
            line(sentence)
            progress.update(task, description=said(sentence))

        yield say
