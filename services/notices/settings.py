"""Where news of the inbox go: read, checked, changed. The webhook's secret is written and never read back."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials import credentials
from services.credentials.keyring import Keyring
from services.domain.changes import between
from services.domain.errors import InvalidInput
from services.domain.states import NoticeState
from services.events import log
from services.inbox.names import KINDS
from services.notices.errors import NoticeRefused
from services.notices.webhook import key_of
from services.store.models import Notice, NoticeSettings
from services.store.types import now
from services.store.versions import apply_edit

CHANNELS = ("webhook", "command")
PROVIDER, LABEL = "webhook", "inbox"
MIN_SECRET = 16
LONGEST_URL, MOST_ARGUMENTS = 2_000, 64


async def read_settings(session: AsyncSession) -> NoticeSettings:
    """Those of a hub that tells nobody where nothing was set."""
    row = await session.scalar(sa.select(NoticeSettings).order_by(NoticeSettings.id).limit(1))
    return row or NoticeSettings(
        webhook_url="", credential_id=None, command=[], kinds=[], enabled=True, version=1, updated_at=now()
    )  # fmt: skip


def channels_of(settings: NoticeSettings) -> list[str]:
    """Those that are used."""
    used = (bool(settings.webhook_url), bool(settings.command))
    return [name for name, on in zip(CHANNELS, used, strict=True) if on and settings.enabled]


async def edit_settings(
    session: AsyncSession, ring: Keyring, version: int, changes: dict[str, Any], waits: Iterable[str], actor: str
) -> NoticeSettings:
    """Only what is named changes; `secret` None takes it away. `waits` are the names of what is in the inbox already: a
    channel that is new is not told of it.

    Raises Conflict, NoticeRefused, InvalidInput.
    """
    await log.lock(session)
    row = await read_settings(session)
    if row not in session:
        session.add(row)
        await session.flush()
    before = channels_of(row)
    secret = changes.pop("secret", "")
    _check(changes)
    edit = await apply_edit(session, row, version, changes)
    values = edit.values
    if secret != "":
        had = row.credential_id is not None
        await _keep_secret(session, ring, row, secret, actor)
        values = between({**(values["before"] or {}), "secret": had}, {**values["after"], "secret": secret is not None})
        row.version = version + 1
    await log.append(session, "notices.edited", actor=actor, **values)
    for channel in channels_of(row):
        if channel not in before:
            await _know(session, channel, waits)
    await session.flush()
    return row


async def _know(session: AsyncSession, channel: str, waits: Iterable[str]) -> None:
    told = set(await session.scalars(sa.select(Notice.item).where(Notice.channel == channel)))
    session.add_all(
        Notice(
            item=item, channel=channel, body={}, state=NoticeState.DROPPED, finished_at=now(),
            sentence="It waited before.",
        )
        for item in set(waits) - told
    )  # fmt: skip


async def _keep_secret(
    session: AsyncSession, ring: Keyring, row: NoticeSettings, secret: str | None, actor: str
) -> None:
    if secret is not None and len(key_of(secret)) < MIN_SECRET:
        raise InvalidInput(f"The secret is shorter than {MIN_SECRET} bytes.", "openssl rand -base64 32 makes one.")
    had, row.credential_id = row.credential_id, None
    await session.flush()
    if had is not None:
        await credentials.delete(session, had, actor)
        await session.flush()
    if secret is not None:
        row.credential_id = await credentials.add(session, ring, PROVIDER, LABEL, secret, actor)


def _check(changes: dict[str, Any]) -> None:
    if url := changes.get("webhook_url"):
        check_address(url)
    if command := changes.get("command"):
        _check_command(command)
    if unknown := set(changes.get("kinds") or ()) - set(KINDS):
        raise InvalidInput(f"The inbox has no kind {min(unknown)!r}.", f"Choose of: {', '.join(KINDS)}.")


def check_address(url: str) -> None:
    """A plain http or https address; who listens there is asked when it is called (services/notices/webhook.py)."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or len(url) > LONGEST_URL or any(character.isspace() for character in url):
        raise NoticeRefused("The webhook's address can't be used.", "Write it as https://phone.example/ring.")
    if parts.username or parts.password:
        raise NoticeRefused("The webhook's address holds a password.", "Leave it out: the calls are signed instead.")


def _check_command(command: list[str]) -> None:
    program = Path(command[0])
    if len(command) > MOST_ARGUMENTS or not program.is_absolute():
        raise NoticeRefused(
            "The command does not begin with a whole path.", 'Write it as ["/usr/local/bin/ring", "-v"].'
        )
    if not (program.is_file() and os.access(program, os.X_OK)):
        raise NoticeRefused(f"There is no program {program} that main-api could run.", "Put it there, chmod +x it.")
