"""The hub's own settings with where each comes from."""

from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from main_api.hub import HubParts
from main_api.schemas.setting import SettingName, SettingOut, SettingsOut, Source, Value
from main_api.settings import MainSettings
from services.settings.hub import VARIABLES, effects
from services.settings.versions import HUB, NEVER_SET, newest

FIELDS = {"include_images": "prompt_pictures", "vision_model": "vision_models"}


async def read_settings(session: AsyncSession, hub: HubParts) -> SettingsOut:
    row = await newest(session, HUB)
    state, means = (row.state if row else {}), await effects(session)
    of_start = hub.live_settings.of_start
    return SettingsOut(
        version=row.version if row else NEVER_SET,
        settings=[
            SettingOut(
                name=cast(SettingName, name), variable=variable, environment=said(of_start, name),
                value=_holds(of_start, name, state), source=source_of(of_start, FIELDS.get(name, name), name in state),
                effect=means[name],
            )
            for name, variable in VARIABLES.items()
        ],
    )  # fmt: skip


def said(settings: MainSettings, name: str) -> Value:
    """What the environment says of it."""
    if name == "include_images":
        return settings.prompt_pictures > 0
    if name == "vision_model":
        return next(iter(settings.vision_models), None)
    return getattr(settings, name)


def source_of(settings: MainSettings, field: str, stored: bool) -> Source:
    if stored:
        return "database"
    return "environment" if field in settings.model_fields_set else "default"


def _holds(settings: MainSettings, name: str, state: dict[str, Value]) -> Value:
    if name == "offline":
        return settings.offline or bool(state.get(name))
    return state[name] if name in state else said(settings, name)
