"""What was found out of a model, over what is packaged."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Row
from services.store.types import now


class ModelProfile(Row):
    """`name` is `provider/name`, `fields` those of services/models/profile_fields, `source` probe or person."""

    __tablename__ = "model_profiles"

    name: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(default="person")
    updated_at: Mapped[datetime] = mapped_column(default=now)
