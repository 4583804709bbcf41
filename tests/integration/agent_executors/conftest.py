"""What the executors' tests share: a model server, and Aider's own environment."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.openai_server import Answer, ModelServer

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def aider_python() -> Path:
    """Python of Aider's environment: AIDER_PYTHON, else the one that start.sh makes."""
    python = Path(os.environ.get("AIDER_PYTHON") or REPOSITORY / ".venv-aider" / "bin" / "python")
    if not python.is_file():
        sentence = f"Aider's environment is not there ({python}): run ./start.sh once, or set AIDER_PYTHON."
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
    return python


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Start model servers that play the answers given; they stop with the test."""
    started: list[ModelServer] = []

    async def start(*answers: Answer | Callable[[dict[str, Any]], Answer]) -> ModelServer:
        first = answers[0]
        server = ModelServer(first if callable(first) else [a for a in answers if not callable(a)])
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()
