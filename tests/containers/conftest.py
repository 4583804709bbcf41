"""A real Docker engine for the tests' session, and one hub in containers on it. Everything is ended and taken away."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support import engine
from tests.support.container_hub import ContainerHub, container_hub, snapshot

HERE = Path(__file__).parent
SLOW = 1_800  # seconds for one test with its fixtures: the first one waits until the images are built


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SLOW))


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of an engine, with settings that name images it has. Afterwards nothing of ours is left on it."""
    lacking = engine.lacking()
    if lacking and os.environ.get("CI"):
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    begun = time.monotonic()
    with engine.engine() as environment:
        images = engine.images(environment)
        print(f"{time.monotonic() - begun:6.1f} s  the engine answers and has its base images")
        yield {**environment, **images}
        assert engine.left_behind(environment, str(tmp_path_factory.getbasetemp())) == []


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="session")
def hub(docker: Mapping[str, str], source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerHub]:
    """The whole stack with two agents and two orchestrators, with a space in its folder's name."""
    root = tmp_path_factory.mktemp("containers") / "a hub"
    several = {"AGENT_API_COUNT": "2", "ORCHESTRATOR_COUNT": "2"}
    with container_hub(root, source, {**docker, **several}) as running:
        yield running
