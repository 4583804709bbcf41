"""What waits behind a thing that waits: the tasks that depend on its task, directly and all."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.domain.states import OPEN_TASK
from services.store.models import Task, TaskDependency


@dataclass(frozen=True)
class Behind:
    """Ids of open tasks, the direct dependents first."""

    direct: tuple[int, ...]
    further: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return self.direct + self.further


class Dependents:
    """Who waits for whom among the open tasks, read once."""

    def __init__(self, after: dict[int, list[int]]) -> None:
        self._after = after

    @classmethod
    async def read(cls, session: AsyncSession) -> "Dependents":
        query = (
            sa.select(TaskDependency.blocked_by_id, TaskDependency.task_id)
            .join(Task, Task.id == TaskDependency.task_id)
            .where(Task.state.in_(OPEN_TASK), Task.deleted_at.is_(None))
            .order_by(TaskDependency.task_id)
        )
        after: dict[int, list[int]] = defaultdict(list)
        for before, task_id in await session.execute(query):
            after[before].append(task_id)
        return cls(after)

    def of(self, roots: Iterable[int]) -> Behind:
        """Behind any of these tasks; none of them is behind itself."""
        known = set(roots)
        direct = self._next(known, known)
        further: list[int] = []
        edge = direct
        while edge:
            edge = self._next(edge, known)
            further += edge
        return Behind(tuple(direct), tuple(further))

    def _next(self, edge: Iterable[int], known: set[int]) -> list[int]:
        found = list(dict.fromkeys(one for task_id in sorted(edge) for one in self._after.get(task_id, ())))
        fresh = [one for one in found if one not in known]
        known.update(fresh)
        return fresh
