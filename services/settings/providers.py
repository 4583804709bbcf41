"""Providers of models that the owner sets while the hub runs. Keys are credentials: written, used, never told."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.credentials import credentials
from services.credentials.keyring import Keyring
from services.domain.errors import Conflict, InvalidInput, NotFound
from services.models.named import NAME, PROTOCOLS, TAKEN, is_address
from services.models.providers import GROQ_URL, KEYS, Named, Protocol
from services.settings.versions import NEVER_SET, State, as_read, newest, put, versions_of, without
from services.store.models import Credential, SettingVersion

PREFIX = "provider/"
KEPT_AS = "model"  # the credential's provider; its label is the model provider's name
FIELDS = ("url", "protocol", "local")
LONGEST_KEY = 4_000


@dataclass(frozen=True)
class Change:
    """What is named changes. `key` None takes the stored one away; "" leaves it."""

    fields: State = field(default_factory=dict[str, Any])
    key: str | None = field(default="", repr=False)


async def states(session: AsyncSession) -> dict[str, SettingVersion]:
    """The newest version of each provider that something was ever set of, by its name."""
    last = sa.select(SettingVersion.name, sa.func.max(SettingVersion.version).label("version"))
    last = last.where(SettingVersion.name.startswith(PREFIX)).group_by(SettingVersion.name).subquery()
    same = sa.and_(SettingVersion.name == last.c.name, SettingVersion.version == last.c.version)
    rows = (await session.scalars(sa.select(SettingVersion).join(last, same))).all()
    return {row.name.removeprefix(PREFIX): row for row in rows}


async def make(session: AsyncSession, ring: Keyring, name: str, change: Change, taken: set[str], actor: str) -> int:
    """One of the owner's own. Raises InvalidInput, Conflict."""
    if name in TAKEN or not NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} can't name a provider of yours.",
            f"Use small letters, digits, - and _, and none of {', '.join(sorted(TAKEN))}: those are edited.",
        )
    if name in taken:
        raise Conflict(f"There is a provider {name} already.", "Edit it, or choose another name.")
    if not change.fields.get("url"):
        raise InvalidInput(f"The provider {name} has no address.", "Send its url.")
    row = await newest(session, PREFIX + name)
    return await edit(session, ring, name, row.version if row else NEVER_SET, change, actor)


async def edit(session: AsyncSession, ring: Keyring, name: str, version: int, change: Change, actor: str) -> int:
    """Answers the version that holds. Raises InvalidInput, Conflict."""
    before, _ = await as_read(session, PREFIX + name, version)
    check(name, change)
    state: State = {**before, **change.fields}
    if change.key != "":
        state.pop("credential_id", None)
        await _forget(session, name, actor)
        if change.key is not None:
            state["credential_id"] = await credentials.add(session, ring, KEPT_AS, name, change.key, actor)
    return await put(session, PREFIX + name, version, state, actor)


async def revoke(session: AsyncSession, name: str, actor: str) -> None:
    """All that is stored of it goes, its key for good: the environment's holds again. Raises NotFound."""
    row = await newest(session, PREFIX + name)
    if row is None or not row.state:
        raise NotFound(f"Nothing is stored of the provider {name}.", "What .env says of it is changed there.")
    await _forget(session, name, actor)
    await put(session, PREFIX + name, row.version, {}, actor)


async def take_back(session: AsyncSession, name: str, version: int, undo: int, actor: str) -> int:
    """As it was before version `undo`. A key that was thrown away stays away: nothing of it was kept; one that was
    given for another address goes.

    Raises NotFound, ChangeStoodOn, Conflict.
    """
    state = await without(session, PREFIX + name, undo)
    row = await newest(session, PREFIX + name)
    if row is not None and row.state.get("url") != state.get("url"):
        await _forget(session, name, actor)  # it was given for the other address
    number = await session.scalar(
        sa.select(Credential.id).where(Credential.provider == KEPT_AS, Credential.label == name)
    )
    state.pop("credential_id", None)
    if number is not None:
        state["credential_id"] = number
    return await put(session, PREFIX + name, version, state, actor)


async def history(session: AsyncSession, name: str) -> list[SettingVersion]:
    return list(await versions_of(session, PREFIX + name))


def named(states: dict[str, State]) -> list[Named]:
    """The owner's own, without their keys."""
    return [as_named(name, state) for name, state in states.items() if name not in TAKEN and state.get("url")]


def as_named(name: str, state: State, key: str | None = None) -> Named:
    protocol: Protocol = PROTOCOLS.get(str(state.get("protocol")), "openai")
    return Named(name, state["url"], key, protocol, bool(state.get("local")))


def check(name: str, change: Change) -> None:
    """Raises InvalidInput."""
    url = change.fields.get("url")
    if url is not None and not is_address(url):
        raise InvalidInput(
            "The address is not http(s)://host/path.", "Write it like http://10.0.0.7:8080/v1; a key is sent apart."
        )
    if name in TAKEN and (change.fields.keys() - {"url"}):
        raise InvalidInput(f"The protocol of {name} is its own.", "Change its address or its key alone.")
    if name == "scripted":
        raise InvalidInput("The scripted model comes with the hub.", "Set SCRIPTED_MODEL_URL in .env to move it.")
    if name == "groq" and url not in (None, GROQ_URL):
        raise InvalidInput(f"Groq is at {GROQ_URL}.", "Add another address as a provider of your own.")
    if change.key:
        _check_key(name, change.key)


def check_move(name: str, before: str, change: Change) -> None:
    """A key that is kept goes to no other machine than the one it was given for. `before`: where it goes now, empty
    without a key. Raises InvalidInput."""
    url = change.fields.get("url")
    if url and before and change.key == "" and _origin(url) != _origin(before):
        raise InvalidInput(
            f"The key of {name} was given for {_origin(before)}, and is not sent to {_origin(url)} by itself.",
            "Send the key along with the new address, or null to do without one.",
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _check_key(name: str, key: str) -> None:
    if name == "ollama":
        raise InvalidInput("Ollama takes no key.", "Add an Ollama behind a proxy as a provider of your own.")
    if not (key.isascii() and key.isprintable()) or any(character.isspace() for character in key):
        raise InvalidInput("The key is not a text that fits in a header.", "Copy it again, without line ends.")


async def _forget(session: AsyncSession, name: str, actor: str) -> None:
    query = sa.select(Credential.id).where(Credential.provider == KEPT_AS, Credential.label == name)
    number = await session.scalar(query)
    if number is not None:
        await credentials.delete(session, number, actor)
        await session.flush()


VENDORS = tuple(KEYS)
