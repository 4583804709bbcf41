"""A bare commit: one small row and its transaction, as durable as the hub's own; and the same when it is on disk."""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.board import database

COMMITS = 300


def measure(kind: str) -> dict[str, Any]:
    """Told as the programs in `peers` do: milliseconds of a commit, commits a second, this process's CPU."""
    with tempfile.TemporaryDirectory(prefix="wfhub-bare-") as folder, database(kind, Path(folder)) as url:
        if kind == "sqlite":
            connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        else:
            connection = psycopg.connect(url, autocommit=True)
        with connection:
            connection.execute("CREATE TABLE facts (told TEXT)")
            return _commits(lambda: connection.execute("INSERT INTO facts VALUES ('a stage is over')"))


def _commits(commit: Callable[[], object]) -> dict[str, Any]:
    taken, spent = [], time.process_time()
    for _ in range(COMMITS):
        begun = time.perf_counter()
        commit()
        taken.append((time.perf_counter() - begun) * 1000)
    rate = 1000 / statistics.mean(taken)
    return {"alone": taken, "rates": [rate], "cpu": (time.process_time() - spent) * 1000 / COMMITS}
