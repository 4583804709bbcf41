"""Sign-in codes and the sessions of browsers. Both are kept by the hash of their secret."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.store.models.base import Numbered, Row
from services.store.types import now


class LoginCode(Row):
    """One sign-in link. It opens once, before `expires_at`."""

    __tablename__ = "login_codes"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Numbered, Row):
    """A browser that is signed in until `expires_at`, or until it was ended before.

    `opened_with` is link or token. `last_seen_at` is up to a minute behind.
    """

    __tablename__ = "sessions"

    token_sha256: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(default="")
    opened_with: Mapped[str] = mapped_column(default="link", server_default="link")
    last_seen_at: Mapped[datetime | None]
