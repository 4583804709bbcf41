"""Whether each configured provider answers, and has the models that projects and roles are set to."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from main_api.gateway import Gateway
from main_api.gateway.question import passed_on
from main_api.gateway.upstream import ask
from main_api.health.part import Report
from services.domain.errors import HubError
from services.models.policy import names_in
from services.models.providers import Protocol, Provider
from services.store.database import Database
from services.store.models import Project, Role

SECONDS = 5.0
SHOWN = 20
# Where each protocol lists models: path, the list, a model's name in it. The first that a provider speaks counts.
LISTS: tuple[tuple[Protocol, str, str, str], ...] = (
    ("ollama", "api/tags", "models", "name"),
    ("anthropic", "models?limit=1000", "data", "id"),
    ("openai", "models", "data", "id"),
)


async def look_at_provider(gateway: Gateway, db: Database, provider: Provider, default_model: str) -> Report:
    """Off when it does not answer and nothing is set to use it: Ollama is configured on every hub."""
    try:
        used = {name for name in await models_in_use(db, default_model) if name.startswith(f"{provider.name}/")}
    except (SQLAlchemyError, OSError):
        used = {name for name in (default_model,) if name.startswith(f"{provider.name}/")}
    wanted = sorted(name.partition("/")[2] for name in used)
    facts = {"in_use": wanted}
    try:
        there = await listed(gateway, provider)
    except HubError as error:
        if not wanted:
            return Report("off", f"{error.sentence} Nothing is set to use it.", facts=facts)
        return Report("unwell", error.sentence, error.way_out, facts)
    except (ValueError, AttributeError, TimeoutError):
        return Report("unwell", f"{provider.name} gives no list of models that can be read.", "Check its address.")
    facts |= {"models": len(there), "names": there[:SHOWN]}
    missing = [name for name in wanted if name not in there and f"{name}:latest" not in there]
    if missing and provider.ollama_url is not None:
        pull = f"Pull it: ollama pull {missing[0]}." if provider.name == "ollama" else "Choose a model it has."
        return Report("unwell", f"{provider.name} answers, but does not have {', '.join(missing)}.", pull, facts)
    count = f"{len(there)} model" + ("" if len(there) == 1 else "s")
    return Report("well", f"{provider.name} answers, with {count}.", facts=facts)


async def models_in_use(db: Database, default_model: str) -> set[str]:
    """`provider/name` of all that a run could use; the hub's default where there is no project yet."""
    async with db.read() as session:
        projects = (await session.scalars(sa.select(Project.settings).where(Project.in_sight()))).all()
        roles = (await session.scalars(sa.select(Role).where(Role.active.is_(True)))).all()
    found: set[str] = set()
    for chosen in [settings.get("models") or {} for settings in projects] or [{}]:
        last = chosen.get("default") or default_model
        policies = [chosen.get(role.name) or role.models or role.model or last for role in roles] or [last]
        found |= {name for policy in policies for name in names_in(policy)}
    return found


async def listed(gateway: Gateway, provider: Provider) -> list[str]:
    """The provider's own names of what it has. Raises HubError, or ValueError for an answer that is no list."""
    protocol, path, key, name = next(one for one in LISTS if provider.speaks(one[0]))
    headers = passed_on({}) if protocol == "anthropic" else {}
    async with (
        asyncio.timeout(SECONDS),
        ask(gateway, provider, protocol, path, None, "", headers, once=True) as response,
    ):
        body: Any = json.loads(await response.read())
    items: Sequence[Any] = body.get(key) or []
    return [str(item.get(name)) for item in items]
