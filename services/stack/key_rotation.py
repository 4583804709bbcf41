"""Gives the hub a new WFHUB_SECRET_KEY and encrypts all that is stored with it. Killed anywhere, it can be ended."""

import asyncio
from collections.abc import Callable

import sqlalchemy as sa

from services.credentials.keyring import Keyring
from services.credentials.rekey import rekey
from services.domain.errors import InvalidInput
from services.stack.env_file import change
from services.stack.errors import SecretElsewhere
from services.stack.secrets import fernet_key, read_env_file
from services.stack.settings import StackSettings
from services.store.database import Database
from services.store.models import Credential

KEY, BEFORE = "WFHUB_SECRET_KEY", "WFHUB_SECRET_KEYS_BEFORE"
Say = Callable[[str], None]


def begin(settings: StackSettings, exported: Callable[[str], bool], say: Say) -> bool:
    """Writes the new key, and the old one beside it; answers whether that was done before and never ended.

    From here on whatever starts encrypts with the new key and opens with both. Raises SecretElsewhere, InvalidInput.
    """
    for name in (KEY, BEFORE):
        if exported(name):
            raise SecretElsewhere(f"{name} is set in this shell, and wins over .env.", f"Unset it: unset {name}.")
    path = settings.root / ".env"
    present = read_env_file(path)
    if not present.get(KEY):
        raise InvalidInput("There is no hub set up here yet.", "Start it with ./start.sh.")
    if present.get(BEFORE):
        say("an earlier rotation was interrupted: ending it")
        return True
    change(path, {KEY: fernet_key(), BEFORE: present[KEY]})
    say("the new key is in .env, the old one beside it")
    return False


def encrypt_anew(settings: StackSettings) -> tuple[int, int]:
    """All that is stored, in one transaction, here: for a hub whose database can be reached from this process.

    Answers how many secrets were encrypted anew, and how many no key opens. A hub that never ran has none.
    """
    values = read_env_file(settings.root / ".env")
    ring = Keyring(values[KEY], [key for key in values.get(BEFORE, "").split(",") if key])
    return asyncio.run(_encrypt(settings.database_url, ring))


def end(settings: StackSettings, say: Say) -> None:
    """The old key goes: nothing is encrypted with it any more."""
    change(settings.root / ".env", {BEFORE: None})
    say("the old key is gone")


async def _encrypt(url: str, ring: Keyring) -> tuple[int, int]:
    db = Database(url)
    try:
        async with db.read() as session:
            connection = await session.connection()
            there = await connection.run_sync(lambda sync: sa.inspect(sync).has_table(Credential.__tablename__))
        if not there:
            return 0, 0
        async with db.write() as session:
            return await rekey(session, ring)
    finally:
        await db.close()
