"""Which cards of the board a person wants to see."""

from dataclasses import dataclass, fields
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import Depends, Query

from main_api.reads.tasks import Words
from main_api.schemas.task import Kind, Priority
from services.domain.states import TaskState
from services.store.models import Task

NO_PLAN = 0
_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class BoardFilter:
    """Nothing said wants all. What a card is asked for holds together: each of them has to be true."""

    text: Annotated[Words, Query(description="Each of its words in the key or the title")] = None
    kind: Kind | None = None
    role: Annotated[str | None, Query(max_length=64, description="The role that has the task")] = None
    priority: Annotated[Priority | None, Query(description="So urgent at least")] = None
    only: Annotated[
        Literal["waiting", "paused"] | None, Query(description="What waits for a person, or what a person paused")
    ] = None
    plan_id: Annotated[
        int | None, Query(ge=0, le=_MAX_ID, description=f"The tasks of one plan; {NO_PLAN}: those of none")
    ] = None

    @property
    def wants_all(self) -> bool:
        return all(getattr(self, field.name) is None for field in fields(self))

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = []
        if self.text is not None and (words := self.text.lower().split()):
            named = [Task.find_text.contains(word, autoescape=True) for word in words]
            # found in an index that has all it needs, before any row is looked at: the rows are wide
            found.append(Task.id.in_(sa.select(Task.id).where(Task.deleted_at.is_(None), *named)))
        if self.kind is not None:
            found.append(Task.kind == self.kind)
        if self.role is not None:
            found.append(Task.assignee_role == self.role)
        if self.priority is not None:
            found.append(Task.priority >= self.priority)
        if self.only == "waiting":
            found.append(Task.state == TaskState.WAITING)
        if self.only == "paused":
            found.append(sa.or_(Task.state == TaskState.PAUSED, Task.paused_at.is_not(None)))
        if self.plan_id is not None:
            found.append(Task.plan_id.is_(None) if self.plan_id == NO_PLAN else Task.plan_id == self.plan_id)
        return found


OnBoard = Annotated[BoardFilter, Depends()]
