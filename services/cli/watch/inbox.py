"""The inbox in the terminal: what waits for you, what holds up most first."""

from datetime import datetime
from typing import Any

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from services.cli.watch.cards import item_line

Json = dict[str, Any]


class Inbox(OptionList):
    """One item in two lines."""

    def __init__(self, **named: Any) -> None:
        super().__init__(markup=False, **named)
        self._items: list[Json] = []
        self._shown: list[str] = []

    def show(self, items: list[Json], now: datetime) -> None:
        """Draws what differs; the chosen item stays chosen while it waits."""
        drawn = [item_line(item, now) for item in items]
        marks = [text.markup for text in drawn]
        if marks == self._shown and self._items:
            self._items = items
            return
        chosen = self.item
        self._items, self._shown = items, marks
        if not items:
            self.set_options([Option(Text("Nothing waits for you.", style="dim"), disabled=True)])
            return
        self.set_options(drawn)
        keys = [item["key"] for item in items]
        self.highlighted = keys.index(chosen["key"]) if chosen and chosen["key"] in keys else 0

    @property
    def item(self) -> Json | None:
        """The chosen one."""
        at = self.highlighted
        return self._items[at] if at is not None and at < len(self._items) else None
