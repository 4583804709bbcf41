"""Which findings a list is of."""

from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import Depends, Query

from main_api.reads.paging import Paging, sorted_by
from main_api.reads.rows import where
from main_api.schemas.shape import Word
from services.store.models import Finding

States = Annotated[list[Literal["open", "fixed", "waived", "duplicate", "void"]] | None, Query()]
Severities = Annotated[list[Literal["critical", "high", "medium", "low"]] | None, Query()]
Text = Annotated[str | None, Query(min_length=1, max_length=200, description="In title, message or path")]

FindingPage = Annotated[
    Paging, Depends(sorted_by("id", "created_at", "severity", "state", "round", first="-id", limit=500))
]


class Filter:
    """The filters that all lists of findings take; several states or severities mean any of them."""

    def __init__(
        self,
        state: States = None,
        severity: Severities = None,
        tool: Word | None = None,
        stage: Word | None = None,
        file: Word | None = None,
        round: Annotated[int | None, Query(ge=1, le=1_000)] = None,
        on_base: bool | None = None,
        text: Text = None,
    ) -> None:
        self._equal = {
            "state": state, "severity": severity, "tool": tool, "stage": stage, "file": file, "round": round,
            "on_base": on_base,
        }  # fmt: skip
        self._text = text

    def query(self, **owner: object) -> sa.Select[Finding]:
        """Findings of the owner (`task_id`, `project_id`) that pass."""
        query = where(sa.select(Finding), Finding, **owner, **self._equal)
        if self._text is None:
            return query
        columns = (Finding.title, Finding.message, Finding.file)
        return query.where(sa.or_(*(column.icontains(self._text, autoescape=True) for column in columns)))
