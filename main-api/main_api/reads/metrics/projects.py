"""Whose figures: those of one project, or of all that are there."""

from typing import Any

import sqlalchemy as sa

from services.store.models import Project


def of_projects(column: Any, project_id: int | None) -> sa.ColumnElement[bool]:
    """Work of deleted projects counts nowhere."""
    if project_id is not None:
        return column == project_id
    return column.not_in(sa.select(Project.id).where(Project.deleted_at.is_not(None)))
