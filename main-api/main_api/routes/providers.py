"""Providers of models over HTTP: set up while the hub runs, tested as they are saved, their keys written only."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import SecretStr

from main_api.deps import OWNER, Hub, ReadSession
from main_api.errors import documented
from main_api.provider_trial import Tried, built, try_out
from main_api.reads.providers import read_provider, read_providers
from main_api.schemas.provider import (
    ProviderIn,
    ProviderOut,
    ProviderPatch,
    ProviderSaved,
    ProviderTried,
    ProviderTry,
    ProviderUndo,
)
from main_api.schemas.setting import VersionOut
from services.settings import providers
from services.settings.errors import ProviderInUse
from services.settings.providers import Change
from services.store.models import SettingVersion

router = APIRouter(prefix="/providers", tags=["models"])
Name = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]+$", examples=["ollama"])]


@router.get("", summary="The providers of models", responses=documented())
async def list_providers(hub: Hub, session: ReadSession) -> list[ProviderOut]:
    """Those that are set up, and the vendors that need a key yet (`enabled` false)."""
    return await read_providers(session, hub)


@router.post("", status_code=201, summary="Add a provider of your own", responses=documented(400, 409))
async def post_provider(hub: Hub, body: ProviderIn) -> ProviderSaved:
    """It is saved, then tested: `tested` says what came of that."""
    fields = {"url": body.url, "protocol": body.protocol, "local": body.local}
    change = Change(fields, body.key.get_secret_value() if body.key else "")
    async with hub.db.write() as session:
        await providers.make(session, hub.gateway.ring, body.name, change, set(hub.gateway.providers), OWNER)
    return await _saved(hub, body.name)


@router.post("/test", summary="Try a provider without keeping it", responses=documented(400))
async def try_provider(hub: Hub, body: ProviderTry) -> ProviderTried:
    """Where no key is sent the one that is kept is used, if the address is the one it is kept for."""
    key = body.key.get_secret_value() if body.key else _kept_key(hub, body.name, body.url)
    fields = {} if body.name in providers.TAKEN else {"protocol": body.protocol, "local": body.local}
    providers.check(body.name, Change({"url": body.url, **fields}, key or ""))
    tried = Tried(body.name, body.url, body.protocol, body.local, key)
    return await try_out(hub.gateway, built(tried, offline=hub.settings.offline), body.name)


@router.get("/{name}", summary="One provider", responses=documented(404))
async def get_provider(hub: Hub, session: ReadSession, name: Name) -> ProviderOut:
    return await read_provider(session, hub, name)


@router.patch("/{name}", summary="Change a provider", responses=documented(400, 404, 409))
async def patch_provider(hub: Hub, name: Name, body: ProviderPatch) -> ProviderSaved:
    """It holds from the next call on, and is tested. What is set here wins over the environment."""
    changes = body.changes()
    key = changes.pop("key", "")
    change = Change(changes, key.get_secret_value() if isinstance(key, SecretStr) else None if key is None else "")
    async with hub.db.write() as session:
        before = await read_provider(session, hub, name)
        providers.check_move(name, before.url if before.has_key else "", change)
        await providers.edit(session, hub.gateway.ring, name, body.version, change, OWNER)
    return await _saved(hub, name)


@router.delete("/{name}", summary="Take away what is stored of a provider", responses=documented(404, 409))
async def delete_provider(hub: Hub, name: Name, force: bool = False) -> ProviderOut | None:
    """Its key goes for good; what the environment says of it holds again, and is answered. While anything is set to its
    models it is refused, and `used_by` names them: `force` takes it away all the same."""
    async with hub.db.write() as session:
        before = await read_provider(session, hub, name)
        if before.used_by and not force:
            names = ", ".join(use.name for use in before.used_by[:5])
            count = len(before.used_by)
            raise ProviderInUse(
                f"{'1 choice names' if count == 1 else f'{count} choices name'} models of {name}: {names}.",
                "Choose other models there first, or take it away all the same (force).",
                used_by=[use.model_dump(mode="json") for use in before.used_by],
            )
        await providers.revoke(session, name, OWNER)
    await hub.live_settings.load()
    async with hub.db.read() as session:
        return next((one for one in await read_providers(session, hub) if one.name == name), None)


@router.post("/{name}/test", summary="Test a provider as it is set up", responses=documented(404))
async def test_again(hub: Hub, name: Name) -> ProviderTried:
    async with hub.db.read() as session:
        await read_provider(session, hub, name)
    return await try_out(hub.gateway, hub.gateway.providers.get(name), name)


@router.get(
    "/{name}/versions", summary="How a provider changed, the newest first", responses=documented(404),
    response_model=list[VersionOut],
)  # fmt: skip
async def list_versions(hub: Hub, session: ReadSession, name: Name) -> Sequence[SettingVersion]:
    """Of its key it is told only that there was another one."""
    found = await providers.history(session, name)
    if not found:
        await read_provider(session, hub, name)
    return found


@router.post("/{name}/undo", summary="Take a change of a provider back", responses=documented(404, 409))
async def undo(hub: Hub, name: Name, body: ProviderUndo) -> ProviderSaved | None:
    """As it was before that version, as a new one. A key that was replaced or taken away does not come back."""
    async with hub.db.write() as session:
        await providers.take_back(session, name, body.version, body.undo, OWNER)
    await hub.live_settings.load()
    async with hub.db.read() as session:
        known = {one.name for one in await read_providers(session, hub)}
    return await _saved(hub, name) if name in known else None


async def _saved(hub: Hub, name: str) -> ProviderSaved:
    await hub.live_settings.load()
    async with hub.db.read() as session:
        provider = await read_provider(session, hub, name)
    tested = await try_out(hub.gateway, hub.gateway.providers.get(name), name)
    return ProviderSaved(provider=provider, tested=tested)


def _kept_key(hub: Hub, name: str, url: str) -> str | None:
    """A key goes to no other address than the one it was given for."""
    known = hub.gateway.providers.get(name)
    roots = (known.openai_url, known.ollama_url, known.anthropic_url) if known else ()
    same = any(root and root.removesuffix("/v1") == url.rstrip("/").removesuffix("/v1") for root in roots)
    return known.key if known and same else None
