"""The lines under the board: what the chosen task is, or what the chosen item asks."""

from typing import Any

from rich.text import Text
from textual.widgets import Static

from services.cli.outside import line

Json = dict[str, Any]
EMPTY = 'No task yet. Ask for something: wf idea "..."'


class Facts(Static):
    """Drawn only where they differ: a screen that lies still costs nothing."""

    def __init__(self, **named: Any) -> None:
        super().__init__(markup=False, **named)
        self._told: Text | None = None

    def tell(self, text: Text) -> None:
        if text != self._told or (self._told is not None and text.spans != self._told.spans):
            self._told = text
            self.update(text)


def of_task(task: Json) -> Text:
    """Its title, and what it waits for, or its description."""
    words = Text(f"{task['key']} ", style="bold").append(line(task["title"]))
    style = "yellow" if task["waiting_sentence"] else "dim"
    return words.append(f"\n{line(task['waiting_sentence'] or task['description'])}", style=style)


def of_item(item: Json) -> Text:
    """What an item of the inbox asks, and which words it takes."""
    question = item.get("question")
    text = Text(line(question["text"] if question else item["sentence"]))
    if question and question["options"]:
        text.append(f"  ({line(', '.join(question['options']))})", style="dim")
    return text.append(f"\nIt takes: {', '.join(item['may'])}", style="dim")
