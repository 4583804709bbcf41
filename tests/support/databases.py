"""Fixtures: a migrated database for each test, on SQLite and on PostgreSQL, copied from a template made once."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from services.store.database import Database
from services.store.migrate import upgrade
from tests.support import postgres

NO_SERVER = "needs a PostgreSQL server program: apt-get install postgresql"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, closed, to be copied."""
    path = tmp_path_factory.mktemp("template") / "hub.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running server's URL with `{name}` for the database, where the template database is already migrated."""
    programs = postgres.find_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(NO_SERVER)
        pytest.skip(NO_SERVER)
    with postgres.server(programs) as url:
        _run(url, 'CREATE DATABASE "template_test"')
        upgrade(url.format(name="template_test"))
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "hub.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh migrated PostgreSQL database, dropped at the end whoever is still connected."""
    name = f"wfhub_{uuid.uuid4().hex[:12]}_test"
    _run(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "template_test" STRATEGY file_copy')
    yield postgres_server.format(name=name)
    _run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another database of the same kind, without tables; SQLite's is hub.sqlite in the folder `another`."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/another/hub.sqlite"
        return
    server, name = request.getfixturevalue("postgres_server"), f"wfhub_{uuid.uuid4().hex[:12]}_test"
    _run(server, f'CREATE DATABASE "{name}"')
    yield server.format(name=name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open Database on `database_url`."""
    opened = Database(database_url)
    yield opened
    await opened.close()


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        connection.execute(statement)
