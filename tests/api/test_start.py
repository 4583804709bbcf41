"""What main-api is told from outside, and how it starts or says why it does not."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

import httpx
import pytest
import sqlalchemy as sa
import structlog

from main_api import logs
from main_api.refusals import BadSettings, DatabaseNotMigrated
from main_api.settings import MainSettings
from main_api.startup import check_database, newest_revision
from services.store.database import Database
from tests.support.ports import free_port

SECRET = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"
GOOD = {"WFHUB_TOKEN": SECRET, "WFHUB_SECRET_KEY": SECRET}


@pytest.mark.parametrize("name", ["WFHUB_TOKEN", "WFHUB_SECRET_KEY"])
@pytest.mark.parametrize(
    "value", ["", "   ", "short", "changeme-changeme-changeme-changeme", "a" * 40, "example-token-0123456789abcdef"]
)
def test_placeholder_secrets_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name) as refused:
        MainSettings.from_environment({**GOOD, name: value})
    assert refused.value.way_out
    assert len(value) < 24 or value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAIN_API_PORT", "x"), ("MAIN_API_PORT", "0"), ("DAILY_BUDGET_USD", "-1"), ("MAX_BODY_BYTES", "0")],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        MainSettings.from_environment({**GOOD, name: value})


def test_defaults_and_lists(tmp_path: Path) -> None:
    home = str(tmp_path)
    made = MainSettings.from_environment({**GOOD, "WFHUB_HOME": home, "ALLOWED_HOSTS": "a, b,", "OPENAI_API_KEY": ""})
    assert made.database == f"sqlite:///{home}/hub.sqlite"
    assert made.allowed_hosts == ("a", "b")
    assert made.openai_api_key is None
    assert (made.host, made.port) == ("127.0.0.1", 8002)
    assert SECRET not in repr(made)
    with pytest.raises(ValueError, match="frozen"):
        made.port = 1  # type: ignore[misc]


async def test_the_schema_must_be_this_versions(database: Database) -> None:
    await check_database(database)
    async with database.write() as session:
        await session.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    with pytest.raises(DatabaseNotMigrated, match=newest_revision()):
        await check_database(database)


async def test_an_absent_database_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite"
    absent = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseNotMigrated):
        await check_database(absent)
    await absent.close()
    assert not path.exists()


def _start(environment: dict[str, str], stderr: TextIO | int = subprocess.PIPE) -> subprocess.Popen[str]:
    base = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], **GOOD}
    return subprocess.Popen([sys.executable, "-m", "main_api.app"], env=base | environment, stderr=stderr, text=True)


async def test_the_program_serves_and_ends_when_told(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        environment = {"DATABASE_URL": sqlite_url, "MAIN_API_PORT": str(port), "WFHUB_HOME": str(tmp_path)}
        refused = _start(environment)
        _, said = await asyncio.to_thread(refused.communicate, None, 60)
    assert refused.returncode == 2
    assert said.startswith(f"main-api: main-api can't listen on 127.0.0.1:{port}") and len(said.splitlines()) == 1
    process = _start(environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            response = await _await_health(client, process)
        assert response.json()["status"] == "ok"
        assert "server" not in response.headers
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(process.communicate, None, 60)
    assert "Traceback" not in said, said


async def _await_health(client: httpx.AsyncClient, process: subprocess.Popen[str]) -> httpx.Response:
    deadline = time.monotonic() + 90
    while True:
        try:
            return await client.get("/health")
        except httpx.TransportError:
            assert process.poll() is None and time.monotonic() < deadline
            await asyncio.sleep(0.05)


@pytest.mark.postgres
@pytest.mark.parametrize("leaves", ["before it starts", "while it starts"])
async def test_a_database_that_is_away_is_waited_for(postgres_url: str, tmp_path: Path, leaves: str) -> None:
    """A database is where its socket is."""
    server = sa.make_url(postgres_url)
    real, place = Path(str(server.query["host"])) / ".s.PGSQL.5432", tmp_path / "db" / ".s.PGSQL.5432"
    place.parent.mkdir()
    asked = asyncio.Event()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The first connection is the look before the start; there is no second one."""
        relay.close()
        place.unlink(missing_ok=True)
        there, back = await asyncio.open_unix_connection(real)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        asked.set()

    relay = await asyncio.start_unix_server(once, place)
    if leaves == "before it starts":
        relay.close()
        place.unlink(missing_ok=True)
    port = free_port()
    url = server.update_query_dict({"host": str(place.parent)}).render_as_string(hide_password=False)
    environment = {"DATABASE_URL": url, "MAIN_API_PORT": str(port), "WFHUB_HOME": str(tmp_path)}
    with (tmp_path / "main-api.log").open("w+") as log:
        process = _start(environment, log)
        try:
            async with asyncio.timeout(90):
                while "hub.waits_for_database" not in (told := (tmp_path / "main-api.log").read_text()):
                    assert process.poll() is None, told
                    await asyncio.sleep(0.05)
            assert asked.is_set() == (leaves == "while it starts") == ("Application startup failed" in told)
            assert "Check that it runs, and DATABASE_URL." in told
            place.symlink_to(real)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                response = await _await_health(client, process)
            assert response.json()["status"] == "ok"
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 60)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()


def test_no_secret_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    key, password = "sk-abcdef0123456789abcdef", "hunter2-hunter2"
    url = f"postgresql://me:{password}@db/hub"
    given = {**GOOD, "WFHUB_SECRET_KEY": SECRET[::-1], "OPENAI_API_KEY": key, "DATABASE_URL": url, "LOG_LEVEL": "INFO"}
    settings = MainSettings.from_environment(given)
    try:
        logs.configure(settings)
        structlog.get_logger("test").error("failed", error=f"Bearer {SECRET} and {key} at {url}")
        logging.getLogger("uvicorn.error").error("can't reach %s", url)
        try:
            raise ValueError(f"no such token: {SECRET}")
        except ValueError:
            structlog.get_logger("test").exception("broke")
        structlog.get_logger("test").debug("not asked for")
    finally:
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert not any(secret in told for secret in (SECRET, key, password))
    first, second, third = map(json.loads, told.splitlines())
    assert (first["event"], first["level"], first["service"]) == ("failed", "error", "main-api")
    assert first["error"] == (
        "Bearer [redacted:WFHUB_TOKEN] and [redacted:OPENAI_API_KEY] at postgresql://me:[redacted:password in "
        "DATABASE_URL]@db/hub"
    )
    assert (second["logger"], second["level"], "timestamp" in second) == ("uvicorn.error", "error", True)
    assert "Traceback" in third["exception"] and "[redacted:WFHUB_TOKEN]" in third["exception"]


def test_named_providers_are_read_and_their_keys_kept_out_of_the_log() -> None:
    key = "Kq9zzABCDEFGH1234"
    given = {
        "MODEL_PROVIDERS": '{"lab": "http://10.0.0.7:8080/v1"}',
        "MODEL_PROVIDER_CREDENTIALS": f'{{"lab": "{key}"}}',
    }
    made = MainSettings.from_environment({**GOOD, **given, "ANTHROPIC_API_KEY": "sk-ant-0123456789"})
    assert [(each.name, each.key) for each in made.named_providers] == [("lab", key)]
    assert key not in repr(made) and "sk-ant" not in repr(made)
    assert {key, "sk-ant-0123456789"} <= {secret for _name, secret in logs.secrets_of(made)}
    for name, value in (("MODEL_PROVIDERS", "x"), ("MODEL_PROVIDER_CREDENTIALS", '{"other": "k"}')):
        with pytest.raises(BadSettings, match=f"The settings can't be used: {name}: "):
            MainSettings.from_environment({**GOOD, **given, name: value})
