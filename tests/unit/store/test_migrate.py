"""A database that can't be used is refused in one sentence, before anything starts."""

import sqlite3
import sys
from pathlib import Path

import pytest

from services.store.database import async_url
from services.store.errors import DatabaseUnusable
from services.store.migrate import upgrade


def test_a_python_too_new_for_its_sqlite_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 4, "final", 0))
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    with pytest.raises(DatabaseUnusable, match=r"needs SQLite 3\.42") as refusal:
        upgrade(f"sqlite:///{tmp_path}/hub.sqlite")
    assert "Python 3.11" in refusal.value.way_out
    assert "DATABASE_URL" in refusal.value.way_out


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnusable, match="can't be made"):
        upgrade(f"sqlite:///{tmp_path}/file/hub.sqlite")


@pytest.mark.parametrize("url", ["mysql://x/y", "oracle://x"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="no support"):
        async_url(url)


def test_a_url_that_is_none_says_how_to_write_one() -> None:
    with pytest.raises(DatabaseUnusable) as refusal:
        async_url("just a file name")
    assert "sqlite:///" in refusal.value.way_out
