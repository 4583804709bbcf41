"""What every table shares."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.store.types import BigId, Json, UtcDateTime, now


class Row(DeclarativeBase):
    """Constraint names are fixed by convention, so that migrations can name them on both databases."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[str]: Json,
        list[Any]: Json,
        str: sa.Text(),
        int: BigId,
    }


def only(where: str) -> dict[str, Any]:
    """For an index of few of a table's rows: the condition, for both databases."""
    return {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}


class Numbered:
    """An integer id and the time the row was made."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Edited:
    """Rows that people edit: a version that grows with each write (optimistic locking)."""

    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
