"""The providers of models: where each comes from, and what is set to its models."""

from collections.abc import Iterable
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from main_api.reads.settings import source_of
from main_api.schemas.provider import ProviderOut, UseOut
from main_api.settings import MainSettings
from services.domain.errors import NotFound
from services.domain.states import OPEN_TASK, RequestState
from services.models.policy import names_in
from services.models.providers import ANTHROPIC_URL, GROQ_URL, OPENAI_URL, Protocol, Provider
from services.settings.providers import VENDORS, states
from services.settings.versions import NEVER_SET, State
from services.store.models import Plan, Project, Request, Role, SettingVersion, Task

OF_VENDORS = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL, "groq": GROQ_URL}
Kind = Literal["ollama", "vendor", "named", "scripted"]


async def read_providers(session: AsyncSession, hub: HubParts) -> list[ProviderOut]:
    """Those that are set up, and the vendors that could be."""
    rows, uses = await states(session), await read_uses(session, hub.settings.default_model)
    names = list(dict.fromkeys(["ollama", *VENDORS, *hub.gateway.providers]))
    return [_told(hub, name, rows.get(name), uses) for name in names]


async def read_provider(session: AsyncSession, hub: HubParts, name: str) -> ProviderOut:
    """Raises NotFound."""
    found = {one.name: one for one in await read_providers(session, hub)}
    if name not in found:
        raise NotFound(f"There is no provider {name}.", f"There are: {', '.join(found)}.")
    return found[name]


async def read_uses(session: AsyncSession, default_model: str) -> list[UseOut]:
    """All that is set to some model: the hub, its roles and projects, and what is not done yet."""
    uses = [UseOut(kind="hub", id=None, name="default model", models=[default_model])]
    for role in (await session.scalars(sa.select(Role).where(Role.active).order_by(Role.name))).all():
        uses += _use("role", None, role.name, role.models or role.model)
    projects = sa.select(Project).where(Project.deleted_at.is_(None)).order_by(Project.id)
    for project in (await session.scalars(projects)).all():
        for role, policy in (project.settings.get("models") or {}).items():
            uses += _use("project", project.id, f"{project.name}: {role}", policy)
    tasks = sa.select(Task.id, Task.key, Task.models).where(
        Task.models.is_not(None), Task.state.in_(OPEN_TASK), Task.deleted_at.is_(None)
    )
    for number, key, models in await session.execute(tasks.order_by(Task.id)):
        uses += _use("task", number, key, models)
    left = sa.exists().where(Plan.request_id == Request.id, Task.plan_id == Plan.id, Task.state.in_(OPEN_TASK))
    unplanned = Request.state.in_((RequestState.NEW, RequestState.PLANNING, RequestState.FAILED))
    requests = sa.select(Request.id, Request.models).where(Request.models.is_not(None), unplanned | left)
    for number, models in await session.execute(requests.order_by(Request.id)):
        uses += _use("request", number, f"Request {number}", models)
    return uses


def of_provider(uses: Iterable[UseOut], name: str) -> list[UseOut]:
    found: list[UseOut] = []
    for use in uses:
        if models := [model for model in use.models if model.partition("/")[0] == name]:
            found.append(use.model_copy(update={"models": models}))
    return found


def _use(kind: Any, number: int | None, name: str, policy: Any) -> list[UseOut]:
    return [UseOut(kind=kind, id=number, name=name, models=names_in(policy))] if policy else []


def _told(hub: HubParts, name: str, row: SettingVersion | None, uses: list[UseOut]) -> ProviderOut:
    provider, state = hub.gateway.providers.get(name), (row.state if row else {})
    start = hub.live_settings.of_start
    before = _of_environment(start, name)
    stored_key, key = name in hub.live_settings.keys, provider.key if provider else None
    return ProviderOut(
        name=name, kind=_kind(name), url=_url(provider, state, before or OF_VENDORS.get(name, "")),
        environment_url=before, protocol=_protocol(provider, name), local=bool(provider and provider.marked),
        own=bool(provider and provider.own), enabled=provider is not None, has_key=bool(key or stored_key),
        key_source="stored" if stored_key else "environment" if key else None,
        source=_source(start, name, state), version=row.version if row else NEVER_SET,
        used_by=of_provider(uses, name),
    )  # fmt: skip


def _kind(name: str) -> Kind:
    if name in ("ollama", "scripted"):
        return "ollama" if name == "ollama" else "scripted"
    return "vendor" if name in VENDORS else "named"


def _url(provider: Provider | None, state: State, otherwise: str) -> str:
    if state.get("url"):
        return str(state["url"])
    if provider is None or otherwise:
        return otherwise
    return provider.ollama_url or provider.anthropic_url or provider.openai_url or ""


def _protocol(provider: Provider | None, name: str) -> Protocol:
    if name == "anthropic":
        return "anthropic"
    if provider is None or name in VENDORS:
        return "openai"
    if provider.ollama_url:
        return "ollama"
    return "anthropic" if provider.anthropic_url and not provider.openai_url else "openai"


def _of_environment(settings: MainSettings, name: str) -> str | None:
    fixed = {
        "ollama": settings.ollama_url, "openai": settings.openai_base_url, "anthropic": settings.anthropic_base_url,
        "groq": GROQ_URL, "scripted": settings.scripted_model_url,
    }  # fmt: skip
    if name in fixed:
        return fixed[name]
    return next((one.url for one in settings.model_providers if one.name == name), None)


def _source(settings: MainSettings, name: str, state: State) -> Any:
    fields = {
        "ollama": ("ollama_url",), "openai": ("openai_base_url", "openai_api_key"),
        "anthropic": ("anthropic_base_url", "anthropic_api_key"), "groq": ("groq_api_key",),
        "scripted": ("scripted_model_url",),
    }.get(name, ("model_providers",))  # fmt: skip
    told = next((field for field in fields if field in settings.model_fields_set), fields[0])
    return source_of(settings, told, bool(state))
