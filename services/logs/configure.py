"""Makes structlog and the standard library's logging write the same lines on stderr."""

import logging
import os
from typing import Annotated, Literal, TextIO, cast

import structlog
from pydantic import BeforeValidator
from structlog.typing import EventDict, Processor, WrappedLogger

from services.logs.kept import stream_of
from services.logs.lossy import Lossy
from services.redaction import KNOWN

LevelName = Literal["debug", "info", "warning", "error"]
FormName = Literal["json", "text"]
# As settings: people write INFO too.
Level = Annotated[LevelName, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]
Form = Annotated[FormName, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]

# What libraries say below this is of use to who works on them only; LOG_LEVEL=debug shows it all the same.
QUIET = ("httpx", "httpcore", "httpx2", "openai", "asyncio", "aiohttp.access", "python_multipart", "urllib3", "docker",
         "aiosqlite", "alembic")  # fmt: skip

SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access")  # whoever ran one before us in this process set them up


def configure(service: str, level: LevelName = "info", form: FormName = "json", stream: TextIO | None = None) -> None:
    """Call it once at the start of a process, before its first line. `service` is in every line.
    Lines go to standard error, or to the file that the stack tells (kept.py).

    Libraries that log by the standard library (uvicorn, the engine, aiohttp) leave by the same door. The line is
    redacted as a whole, after everything was put into it: tracebacks too. What is bound with
    `structlog.contextvars.bind_contextvars` (request_id, run_id, task) is in it.
    """
    ids: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _Service(service),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [structlog.processors.format_exc_info, *_written(form), redact_line]
    out = cast("TextIO", Lossy(stream or stream_of(os.environ)))
    structlog.configure(
        processors=[*ids, *last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*ids, structlog.stdlib.add_logger_name, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in SERVERS:
        take_over(name)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)


def take_over(name: str) -> None:
    """A library's own handlers go: its lines leave by the root's. For loggers that set themselves up (the engine)."""
    logger = logging.getLogger(name)
    logger.handlers[:] = []
    logger.propagate = True


def redact_line(_logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
    return KNOWN(str(line))


class _Service:
    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", self._name)
        return event


def _written(form: FormName) -> list[Processor]:
    if form == "text":
        return [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=30)]
    return [structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
