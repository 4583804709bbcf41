"""`wf secrets rotate`, killed in the middle: whatever .env then holds opens every secret, and the next call ends it."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.credentials.credentials import add
from services.credentials.keyring import Keyring
from services.stack.errors import SecretElsewhere
from services.stack.key_rotation import begin
from services.stack.secrets import ensure_env_file, read_env_file
from services.stack.settings import StackSettings
from services.store.database import Database
from services.store.models import Credential

STEPS = Path(__file__).with_name("rotate_in_steps.py")
VALUES = {f"label-{number}": f"secret-value-{number}-0123456789" for number in range(5)}


async def opened(root: Path, url: str) -> dict[str, str]:
    """Every stored secret, as a hub that starts now would open it."""
    values = read_env_file(root / ".env")
    ring = Keyring(values["WFHUB_SECRET_KEY"], values.get("WFHUB_SECRET_KEYS_BEFORE", "").split(",")[:1])
    db = Database(url)
    async with db.read() as session:
        rows = (await session.scalars(sa.select(Credential))).all()
    await db.close()
    return {row.label: ring.decrypt(row.encrypted) for row in rows}


def rotation(root: Path, point: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(STEPS), str(root), point], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("database_url", "point"),
    [
        ("sqlite", "key written"),
        ("sqlite", "in the transaction"),
        pytest.param("postgresql", "in the transaction", marks=pytest.mark.postgres),
        ("sqlite", "encrypted"),
    ],
    indirect=["database_url"],
)
async def test_killed_anywhere_nothing_is_lost(database_url: str, tmp_path: Path, point: str) -> None:
    ensure_env_file(tmp_path / ".env", {})
    with (tmp_path / ".env").open("a") as file:
        file.write(f"DATABASE_URL={database_url}\n")
    first = read_env_file(tmp_path / ".env")["WFHUB_SECRET_KEY"]
    db = Database(database_url)
    async with db.write() as session:
        for label, value in VALUES.items():
            await add(session, Keyring(first), "asana", label, value, "person")
    await db.close()

    with rotation(tmp_path, point) as killed:
        assert killed.stdout is not None and killed.stdout.readline().strip() == point
        killed.kill()
    second = read_env_file(tmp_path / ".env")
    assert second["WFHUB_SECRET_KEY"] != first and second["WFHUB_SECRET_KEYS_BEFORE"] == first
    assert await opened(tmp_path, database_url) == VALUES

    with rotation(tmp_path, "never") as again:
        assert again.stdout is not None
        done = 0 if point == "encrypted" else len(VALUES)
        assert again.stdout.read().strip() == f"ended True {done} 0"
    after = read_env_file(tmp_path / ".env")
    assert after["WFHUB_SECRET_KEY"] == second["WFHUB_SECRET_KEY"] and "WFHUB_SECRET_KEYS_BEFORE" not in after
    assert await opened(tmp_path, database_url) == VALUES


def test_a_key_that_is_exported_is_not_rotated(tmp_path: Path) -> None:
    ensure_env_file(tmp_path / ".env", {})
    before = (tmp_path / ".env").read_text()
    with pytest.raises(SecretElsewhere, match="WFHUB_SECRET_KEY is set in this shell"):
        begin(StackSettings.load(tmp_path, {}), lambda name: True, lambda sentence: None)
    assert (tmp_path / ".env").read_text() == before
