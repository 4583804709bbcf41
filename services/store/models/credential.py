"""Secrets of others, kept for the owner."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.store.models.base import Numbered, Row


class Credential(Numbered, Row):
    """`encrypted` is a Fernet token made with the key `key_id` (services/credentials/keyring.py)."""

    __tablename__ = "credentials"
    __table_args__ = (sa.UniqueConstraint("provider", "label"),)

    provider: Mapped[str]
    label: Mapped[str]
    encrypted: Mapped[str]
    key_id: Mapped[str]
    used_at: Mapped[datetime | None]
