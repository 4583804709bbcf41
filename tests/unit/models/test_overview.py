"""What a provider has, where it answers late or not at all in between."""

from typing import Any

import pytest

from services.models.catalogue import ModelServer
from services.models.errors import ModelShapeUnknown, UpstreamFailed
from services.models.known_shapes import KNOWN
from services.models.overview import Shapes, overview
from services.models.providers import build_providers
from services.models.shapes import ModelShape

OLLAMA = build_providers()["ollama"]
ROW = {"model": "qwen2.5-coder:1.5b", "digest": "d1", "size": 1}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the server says when it is asked for a shape, one after the other."""
    says: list[Any] = []

    def shape(server: ModelServer, model: str) -> ModelShape:
        told = says.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    monkeypatch.setattr(ModelServer, "shape", shape)
    monkeypatch.setattr(ModelServer, "get", lambda server, url: {"models": [ROW] if "tags" in url else []})
    return says


def test_a_server_that_was_busy_once_is_asked_again(asked: list[Any]) -> None:
    shapes: Shapes = {}
    asked += [UpstreamFailed("ollama did not answer in time.", "Wait."), KNOWN[0].shape]
    (late,) = overview(OLLAMA, shapes)
    assert (late.shape, late.shape_fault) == (None, "ollama did not answer in time.")
    (there,) = overview(OLLAMA, shapes)
    assert (there.shape, there.shape_fault) == (KNOWN[0].shape, "")


def test_a_model_without_a_shape_is_asked_once(asked: list[Any]) -> None:
    shapes: Shapes = {}
    asked += [ModelShapeUnknown("The server does not tell.", "Set its context.")]
    assert [overview(OLLAMA, shapes)[0].shape_fault for _ in range(2)] == ["The server does not tell."] * 2
