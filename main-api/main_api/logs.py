"""main-api's log: the hub's, without the secrets that it was given."""

import logging
import os

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
    """Settings may come from elsewhere than the environment: a test, a file."""
    given = {
        "WFHUB_TOKEN": settings.token, "WFHUB_SECRET_KEY": settings.secret_key,
        "OPENAI_API_KEY": settings.openai_api_key, "SETUP_PROXY_SECRET": settings.setup_proxy_secret,
    }  # fmt: skip
    for name, secret in given.items():
        if secret is not None:
            KNOWN.learn(name, secret.get_secret_value())
    if settings.database_password:
        KNOWN.learn("password in DATABASE_URL", settings.database_password)
