"""main-api's log: one JSON object a line on stderr, without the secrets it knows."""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from main_api.settings import MainSettings


class Redaction:
    """Replaces known secrets in a finished line, wherever they came from."""

    def __init__(self, settings: MainSettings) -> None:
        given = [settings.token, settings.secret_key, settings.openai_api_key, settings.setup_proxy_secret]
        secrets = [secret.get_secret_value() for secret in given if secret is not None]
        if settings.database_password:
            secrets.append(settings.database_password)
        self.secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
        text = str(line)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def _is_news(record: logging.LogRecord) -> bool:
    """uvicorn calls it an error when a WebSocket is answered with a refusal in words: the door does that on purpose."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def configure(settings: MainSettings) -> None:
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            Redaction(settings),  # type: ignore[list-item] - after the renderer a line is text
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
