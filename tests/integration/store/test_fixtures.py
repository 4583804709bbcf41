"""The databases that tests get: migrated, empty, their own, and of both kinds."""

import pytest
import sqlalchemy as sa

from services.store.database import Database
from services.store.models import Project
from tests.support.factories import make_project


@pytest.mark.parametrize("again", [1, 2])
async def test_each_test_has_an_empty_migrated_database(database: Database, again: int) -> None:
    async with database.write() as session:
        assert await session.scalar(sa.select(sa.func.count(Project.id))) == 0
        await make_project(session, key="ONCE")
    async with database.read() as session:
        assert await session.scalar(sa.select(Project.key)) == "ONCE"


async def test_the_two_kinds_are_what_they_say(database: Database, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["database_url"]
    assert database.engine.dialect.name == kind
