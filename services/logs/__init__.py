"""Structured logs, alike in every process: a line an event, with the ids of what it belongs to, without secrets."""

from services.logs.configure import Form, Level, configure
from services.logs.request_id import RequestId

__all__ = ["Form", "Level", "RequestId", "configure"]
