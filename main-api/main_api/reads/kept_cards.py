"""Cards of tasks where nothing happened since: kept in memory, so that a large board is not read anew each time."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.store.models import Event

MOST_KEPT = 5_000  # cards; some 4 kB each
MOST_NEWS = 2_000  # events; after more of them all is read again


class KeptCards:
    """What hangs on a task changes together with an event of that task, and the task's own row is compared as a whole.

    Cards that change by themselves are not for here: of a running task, and of one that others block.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self.seq = 0  # the news up to this event are known
        self._cards: dict[int, tuple[Any, dict[str, Any]]] = {}

    async def catch_up(self, session: AsyncSession, seq: int) -> None:
        """Forgets the cards of tasks with news up to the event `seq`, which has to be read before the tasks."""
        if seq <= self.seq:
            return
        if seq - self.seq > MOST_NEWS:
            self._cards.clear()
        else:
            told = sa.select(Event.task_id).where(Event.seq > self.seq, Event.seq <= seq, Event.task_id.is_not(None))
            for task_id in await session.scalars(told.distinct()):
                self._cards.pop(task_id or 0, None)
        self.seq = max(self.seq, seq)  # another request may have come further meanwhile

    def find(self, row: Any) -> dict[str, Any] | None:
        """The card, when the task's row is what it was made of."""
        kept = self._cards.get(row.id)
        return kept[1] if kept is not None and kept[0] == row else None

    def keep(self, seq: int, row: Any, card: dict[str, Any]) -> None:
        """For the next time; `seq` as it was given to `catch_up` before the card was read."""
        if seq != self.seq:  # there are news of which this card may know nothing
            return
        self._cards.pop(row.id, None)
        while len(self._cards) >= self._most:
            del self._cards[next(iter(self._cards))]
        self._cards[row.id] = (row, card)

    def forget(self) -> None:
        """All of them; the next board is read anew."""
        self._cards.clear()
