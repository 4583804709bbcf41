"""Stored credentials: written once, used, never shown; encrypted anew as a whole."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.credentials.credentials import add, delete, list_credentials, use
from services.credentials.errors import CredentialUnreadable
from services.credentials.keyring import Keyring
from services.credentials.rekey import rekey
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.redaction import KNOWN
from services.store.database import Database
from services.store.models import Credential, Event, ModelAnswer

OLD, NEW = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e", "a9Xk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd"
VALUE = "tracker-key-0123456789-abcdefghij"


async def added(database: Database, ring: Keyring, label: str = "work", value: str = VALUE) -> int:
    async with database.write() as session:
        return await add(session, ring, "asana", label, value, "person")


async def test_it_is_kept_encrypted_listed_without_its_value_and_known_while_in_use(database: Database) -> None:
    ring = Keyring(OLD)
    number = await added(database, ring)
    async with database.read() as session:
        row = await session.get_one(Credential, number)
        assert VALUE not in row.encrypted and ring.decrypt(row.encrypted) == VALUE
        (facts,) = await list_credentials(session)
        assert (facts.provider, facts.label, facts.used_at) == ("asana", "work", None)
        assert VALUE not in repr(facts) and VALUE not in repr((await session.scalars(sa.select(Event))).all()[-1].data)
    assert KNOWN(VALUE) == VALUE
    async with use(database, ring, number) as value:
        assert value == VALUE and KNOWN(f"401 for {VALUE}") == "401 for [redacted:credential asana/work]"
        async with database.write() as session:
            session.add(Event(actor="hub", kind="test", data={"said": f"no such key {VALUE}"}))
    async with database.read() as session:
        (facts,) = await list_credentials(session, "asana")
        said = (await session.scalars(sa.select(Event).where(Event.kind == "test"))).one().data
        assert facts.used_at is not None and said == {"said": "no such key [redacted:credential asana/work]"}
    assert KNOWN(VALUE) == VALUE
    async with database.write() as session:
        await delete(session, number, "person")
    async with database.read() as session:
        assert await list_credentials(session) == []
        kinds = list(await session.scalars(sa.select(Event.kind).where(Event.kind.startswith("credential."))))
    assert kinds == ["credential.added", "credential.deleted"]


async def test_what_cannot_be_is_said(database: Database) -> None:
    ring = Keyring(OLD)
    await added(database, ring)
    with pytest.raises(Conflict, match="has a credential 'work' already"):
        await added(database, ring)
    with pytest.raises(InvalidInput):
        await added(database, ring, "empty", "  ")
    with pytest.raises(NotFound):
        async with use(database, ring, 777):
            pass
    with pytest.raises(CredentialUnreadable, match="can't be opened"):
        async with use(database, Keyring(NEW), 1):
            pass


async def test_a_rotation_takes_all_of_it_and_keeps_what_no_key_opens(database: Database) -> None:
    for label in ("one", "two"):
        await added(database, Keyring(OLD), label)
    lost = await added(database, Keyring(NEW + "lost"), "lost")
    sealed, plain = Keyring(OLD).seal(b"data: [DONE]"), b'{"choices": []}'
    async with database.write() as session:
        for ordinal, body in enumerate((sealed, plain)):
            session.add(ModelAnswer(run_id="r", step="s", request_sha256="x", ordinal=ordinal, status_code=200,
                                    media_type="x/y", body=body))  # fmt: skip
    async with database.write() as session:
        assert await rekey(session, Keyring(NEW, [OLD])) == (3, 1)
    async with database.write() as session:
        assert await rekey(session, Keyring(NEW), answers=False) == (0, 1)
        rows = {row.label: row for row in await session.scalars(sa.select(Credential))}
        assert [Keyring(NEW).decrypt(rows[label].encrypted) for label in ("one", "two")] == [VALUE, VALUE]
        assert rows["lost"].id == lost and rows["lost"].key_id == Keyring(NEW + "lost").key_id
        answers = await session.scalars(sa.select(ModelAnswer).order_by(ModelAnswer.ordinal))
        bodies = [Keyring(NEW).unseal(row.body) for row in answers]
        assert bodies == [b"data: [DONE]", plain]


async def test_nothing_of_the_value_is_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await added(database, Keyring(OLD))
    await database.close()
    assert _files_with(VALUE, tmp_path) == []


def _files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
