"""A real PostgreSQL server of the tests' own: made in a temporary folder, on a Unix socket, gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60.0


def find_programs() -> Path | None:
    """The folder that has initdb and postgres, from PATH or where Debian puts them, the newest version first."""
    candidates = [Path(found).parent for found in [shutil.which("initdb")] if found]
    debian = Path("/usr/lib/postgresql")
    if debian.is_dir():
        candidates += [folder / "bin" for folder in sorted(debian.iterdir(), key=lambda f: f.name, reverse=True)]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root lends it another user: arguments for subprocess."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Yields the server's URL without a database name: put the name where `{name}` stands."""
    identity = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="wfhub-pg-"))
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    try:
        data = folder / "data"
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "wfhub", "-A", "trust", "-E", "UTF8", "--no-sync"],
            cwd=folder, env=environment, capture_output=True, text=True, **identity,
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        settings = {
            "listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60",
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "server.log").open("w") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                cwd=folder, env=environment, stdout=log, stderr=log, **identity,
            )  # fmt: skip
        try:
            url = f"postgresql://wfhub@/{{name}}?host={folder}"
            _await_ready(process, url.format(name="postgres"), folder / "server.log")
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # fast: SIGTERM would wait for clients a failed test left
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.05)
