"""The board: a column per stage, side by side; those without cards folded to a strip."""

from datetime import datetime
from typing import Any

from rich.text import Span, Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import HorizontalScroll, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from services.cli.watch.cards import card, column_title

Json = dict[str, Any]


class Cards(OptionList):
    """The cards of one stage. Left and right lead to the next stage that has any."""

    BINDINGS = [  # noqa: RUF012
        Binding("left", "step(-1)", "Stage before", show=False),
        Binding("right", "step(1)", "Stage after", show=False),
    ]

    def action_step(self, by: int) -> None:
        self.screen.query_one(Board).step(self, by)


class Column(Vertical):
    """One stage."""

    def __init__(self, stage: str) -> None:
        super().__init__(classes="column")
        self.stage = stage
        self._shown: list[tuple[int, str, tuple[Span, ...]]] = []

    def compose(self) -> ComposeResult:
        yield Static(classes="column-title")
        yield Cards(markup=False)

    @property
    def cards(self) -> Cards:
        return self.query_one(Cards)

    def show(self, column: Json, doing: dict[int, str], now: datetime) -> None:
        """Draws what differs from before; the chosen card stays chosen where it is still here."""
        self.query_one(".column-title", Static).update(column_title(column))
        drawn = [(task["id"], card(task, doing.get(task["id"]), now)) for task in column["tasks"]]
        left = column["total"] - len(drawn)
        if left > 0:
            drawn.append((0, Text(f"and {left} more", style="dim")))
        self.set_class(not drawn, "folded")
        marks = [(number, text.plain, tuple(text.spans)) for number, text in drawn]
        if marks == self._shown:
            return
        cards = self.cards
        if [mark[0] for mark in marks] == [mark[0] for mark in self._shown]:
            for index, (_number, text) in enumerate(drawn):
                if marks[index] != self._shown[index]:
                    cards.replace_option_prompt_at_index(index, text)
        else:
            chosen = self.chosen()
            cards.set_options(Option(text, id=f"task-{number}", disabled=number == 0) for number, text in drawn)
            self.choose(chosen)
        self._shown = marks

    def chosen(self) -> int | None:
        """The task's id."""
        option = self.cards.highlighted_option
        return int(option.id.removeprefix("task-")) if option is not None and option.id is not None else None

    def choose(self, task: int | None) -> bool:
        """Whether it is here."""
        found = next((at for at, (number, _) in enumerate(self._ids()) if number == task), None)
        if found is not None:
            self.cards.highlighted = found
        return found is not None

    def _ids(self) -> list[tuple[int, Option]]:
        return [(int((option.id or "task-0").removeprefix("task-")), option) for option in self.cards.options]


class Board(HorizontalScroll, can_focus=False):
    """All stages. Tasks keep being chosen while they move from one to the next."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.tasks: dict[int, Json] = {}
        self._chosen_id: int | None = None

    async def show(self, board: Json, doing: dict[int, str], now: datetime) -> None:
        """The whole board as the hub has it."""
        stages = [column["stage"] for column in board["columns"]]
        if stages != [column.stage for column in self.query(Column)]:
            await self.remove_children()
            await self.mount_all([Column(stage) for stage in stages])
        before = self._chosen_id
        self.tasks = {task["id"]: task for column in board["columns"] for task in column["tasks"]}
        for widget, column in zip(self.query(Column), board["columns"], strict=True):
            widget.show(column, doing, now)
        self._keep(before)

    def redraw(self, board: Json, doing: dict[int, str], now: datetime) -> None:
        """The same cards with other words."""
        for widget, column in zip(self.query(Column), board["columns"], strict=False):
            widget.show(column, doing, now)

    @property
    def chosen_task(self) -> Json | None:
        """The chosen card's."""
        return self.tasks.get(self._chosen_id) if self._chosen_id is not None else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_list.has_focus and event.option_id is not None:
            self._chosen_id = int(event.option_id.removeprefix("task-"))

    def on_descendant_focus(self) -> None:
        for column in self.query(Column):
            if column.cards.has_focus:
                if column.cards.highlighted is None and column.cards.option_count:
                    column.cards.highlighted = 0
                self._chosen_id = column.chosen()
                column.scroll_visible(animate=False)

    def step(self, cards: Cards, by: int) -> None:
        """To the next column that has cards, in that direction."""
        columns = [one for one in self.query(Column) if one.cards.option_count or one.cards is cards]
        here = next((at for at, one in enumerate(columns) if one.cards is cards), 0)
        there = here + by
        if 0 <= there < len(columns):
            columns[there].cards.focus()

    def take_focus(self) -> None:
        """On the chosen card, else on the first."""
        self._keep(self._chosen_id)

    def _keep(self, task: int | None) -> None:
        """The focus goes along with a card that moved."""
        if self.screen.focused is not None and not isinstance(self.screen.focused, Cards):
            return
        columns = list(self.query(Column))
        place = next((column for column in columns if task is not None and column.choose(task)), None)
        place = place or next((column for column in columns if column.cards.option_count), None)
        if place is None:
            return
        if place.cards.highlighted is None:
            place.cards.highlighted = 0
        self._chosen_id = place.chosen()
        if not place.cards.has_focus:
            place.cards.focus()
