"""What is asked before something is done, and the sheet of keys."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from services.cli.outside import line

KEYS = """\
[b]Look[/b]
  arrows      from card to card, from stage to stage
  enter       the whole output or change; escape: back
  i           the inbox: what waits for you; b: the board
  1 to 9      the project, 0 all of them

[b]Say[/b]
  a           approve, answer, or let it go on
  c           send it back with your words
  r           reject
  f           tell the agents something now
  p           pause the task, or let it go on
  P           pause everything, or let everything go on

  ?           these keys;  q  leave (the work goes on)"""


class Sure(ModalScreen[bool]):
    """Yes or no."""

    BINDINGS = [("y,enter", "dismiss(True)", "Yes"), ("n,escape", "dismiss(False)", "No")]  # noqa: RUF012

    def __init__(self, question: str, facts: str = "") -> None:
        super().__init__()
        self._question, self._facts = line(question), facts

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="question")
            if self._facts:
                yield Static(line(self._facts), markup=False)
            yield Static("y yes   n no", classes="keys", markup=False)


class Ask(ModalScreen[str | None]):
    """A line of words; None where nothing was said."""

    BINDINGS = [("escape", "dismiss(None)", "Leave")]  # noqa: RUF012

    def __init__(self, question: str, facts: str = "") -> None:
        super().__init__()
        self._question, self._facts = line(question), facts

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="question")
            if self._facts:
                yield Static(line(self._facts), markup=False)
            yield Input(max_length=4_000)
            yield Static("enter say it   escape leave", classes="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)


class Help(ModalScreen[None]):
    """The keys."""

    BINDINGS = [("escape,question_mark,q,enter", "dismiss(None)", "Back")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Static(KEYS)
