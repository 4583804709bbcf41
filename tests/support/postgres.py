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

START_SECONDS = 180.0
# A database made of a template is 330 files: 0.4 s on a disk, 0.03 s in memory.
MEMORY, ROOM = Path("/dev/shm"), 2 << 30
_running: dict[Path, subprocess.Popen[bytes]] = {}


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
def server(programs: Path, durable: bool = False) -> Iterator[str]:
    """Yields the server's URL without a database name: put the name where `{name}` stands.

    It forgets what a power cut would take, and is kept in memory where there is room, unless it is `durable`, as
    PostgreSQL is by default.
    """
    identity = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="wfhub-pg-", dir=None if durable else _in_memory()))
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    try:
        made = subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "wfhub", "-A", "trust", "-E", "UTF8", "--no-sync"],
            cwd=folder, env=_environment(folder), capture_output=True, text=True, **identity,
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        start(programs, folder, durable)
        try:
            yield f"postgresql://wfhub@/{{name}}?host={folder}"
        finally:
            if folder in _running and _running[folder].poll() is None:
                stop(folder, signal.SIGINT)  # fast: SIGTERM would wait for clients a failed test left
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """A folder without a disk behind it, where the system has one with room."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if roomy else None


def folder_of(url: str) -> Path:
    """The folder of this URL's server, by which it is known here."""
    return Path(url.rpartition("host=")[2])


@contextmanager
def outage(programs: Path, url: str) -> Iterator[None]:
    """The server of this URL is killed, and started again at the end."""
    stop(folder_of(url), signal.SIGQUIT)
    yield
    start(programs, folder_of(url))


def family(folder: Path) -> list[int]:
    """The server's processes, itself first: one for each connection, and its own."""
    leader = _running[folder].pid
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    return [leader, *map(int, children)]


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(folder)}


def start(programs: Path, folder: Path, durable: bool = False) -> None:
    """Starts the server of the folder, and waits until it answers."""
    settings = {
        "listen_addresses": "", "unix_socket_directories": str(folder), "synchronous_commit": "on",
        "fsync": "on" if durable else "off", "full_page_writes": "on" if durable else "off", "max_connections": "100",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("a") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[assignment]
            [programs / "postgres", "-D", folder / "data", *options],
            cwd=folder, env=_environment(folder), stdout=log, stderr=log, **_unprivileged(),
        )  # fmt: skip
    _running[folder] = process
    _await_ready(process, f"postgresql://wfhub@/postgres?host={folder}", folder / "server.log")


def stop(folder: Path, number: signal.Signals) -> None:
    """Ends the server: with SIGKILL all its processes at once, as a crash of the machine would."""
    process = _running[folder]
    if number is signal.SIGKILL and process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # it starts no more
        rest = family(folder)[1:]
        for pid in [process.pid, *rest]:
            os.kill(pid, number)  # a child that ended is its parent's until then, so the pid is no other's
        while any(Path(f"/proc/{pid}").exists() for pid in rest):
            time.sleep(0.005)
    process.send_signal(number)
    process.wait(START_SECONDS)
    del _running[folder]


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
