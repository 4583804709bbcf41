"""A hub for each database, started once; one in which a story ended badly is not used again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.kill.cells import Usual, undisturbed
from tests.kill.hub import KillHub, kill_hub
from tests.support import postgres
from tests.support.databases import NO_SERVER

Ready = tuple[KillHub, Usual]


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Ready]]:
    """Answers the hub on that database and how its story ends undisturbed."""
    with ExitStack() as open_hubs:
        made: dict[str, Ready] = {}

        def on(database: str) -> Ready:
            if database == "postgresql" and postgres.find_programs() is None:
                pytest.skip(NO_SERVER)
            if database not in made or made[database][0].spoilt:
                hub = open_hubs.enter_context(kill_hub(tmp_path_factory.mktemp("kill") / "a hub", database))
                made[database] = hub, undisturbed(hub)
            return made[database]

        yield on
