"""main-api's log: the hub's, without the secrets that it was given."""

import logging
import os
from collections.abc import Iterator

from pydantic import SecretStr

from main_api.settings import MainSettings
from services.logs import configure as configure_logs
from services.redaction import KNOWN


def _is_news(record: logging.LogRecord) -> bool:
    """uvicorn calls it an error when a WebSocket is answered with a refusal in words: the door does that on purpose."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def configure(settings: MainSettings) -> None:
    """From here on every line leaves as JSON and without the secrets of the settings and of the environment."""
    KNOWN.learn_environment(os.environ)
    learn(settings)
    configure_logs("main-api", settings.log_level, settings.log_format)
    logging.getLogger("uvicorn.error").addFilter(_is_news)


def learn(settings: MainSettings) -> None:
    """Settings may come from elsewhere than the environment."""
    for name, secret in secrets_of(settings):
        KNOWN.learn(name, secret)


def forget(settings: MainSettings) -> None:
    """A hub that ended in this process keeps no secret known."""
    for name, secret in secrets_of(settings):
        KNOWN.forget(name, secret)


def secrets_of(settings: MainSettings) -> Iterator[tuple[str, str]]:
    """Every secret among the settings, under the name of its variable."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and name != "database_url":
            yield str(field.alias), value.get_secret_value()
    for key in settings.model_credentials.values():
        yield "MODEL_PROVIDER_CREDENTIALS", key.get_secret_value()
    for before in settings.secret_keys_before:
        yield "WFHUB_SECRET_KEYS_BEFORE", before
    if settings.database_password:
        yield "password in DATABASE_URL", settings.database_password
