"""What the hub's owner set while it runs: every change is a version of its own."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.store.models.base import Numbered, Row


class SettingVersion(Numbered, Row):
    """One version of what is set under a name: `hub`, or `provider/NAME`. The newest holds.

    `state` is all that is set, by field; what is not in it is the environment's. `fields` are those that this version
    changed. Versions begin at 2: 1 is a name of which nothing was ever set.
    """

    __tablename__ = "setting_versions"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)

    name: Mapped[str]
    version: Mapped[int]
    state: Mapped[dict[str, Any]]
    fields: Mapped[list[str]]
    actor: Mapped[str]
