"""What a caged command may not do. Every attack is first shown to work with the cage switched off."""

import asyncio
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent_api.cage.policy import CageLimits
from agent_api.cage.run import Completed, run_caged
from tests.integration.agent.conftest import CAGES, alive, make_cage, wait_for

pytestmark = pytest.mark.cage
Attack = Callable[..., Awaitable[Completed]]


@pytest.fixture
def attack(worktree: Path, tmp_path: Path) -> Attack:
    async def run(kind: str, line: str, *, limits: CageLimits | None = None) -> Completed:
        cage = make_cage(kind, worktree, tmp_path / "tmp")
        limits = limits or CageLimits(seconds=20)
        return await run_caged(
            ["bash", "-c", line], cwd=worktree, cage=cage, limits=limits, path_last=(Path(sys.base_prefix) / "bin",)
        )

    return run


@contextmanager
def listening(kind: int, path: str | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback (or on a socket file) that notes what it is sent."""
    got: list[bytes] = []
    with socket.socket(socket.AF_UNIX if path else socket.AF_INET, kind) as server:
        server.bind(path if path else ("127.0.0.1", 0))
        server.settimeout(0.05)
        stop = threading.Event()
        if kind == socket.SOCK_STREAM:
            server.listen()

        def serve() -> None:
            while not stop.is_set():
                try:
                    if kind == socket.SOCK_DGRAM:
                        got.append(server.recv(100))
                    else:
                        with server.accept()[0] as connection:
                            connection.settimeout(1)
                            got.append(connection.recv(100))
                except TimeoutError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield (0 if path else server.getsockname()[1]), got
        finally:
            stop.set()
            thread.join()


def python(code: str) -> str:
    return f"python3 -c '{code}'"


@pytest.mark.parametrize("kind", CAGES)
async def test_reading_a_secret_outside(attack: Attack, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the crown jewels")
    line = f"cat {secret}; ln -s {secret} link; cat link; cat ../secret.txt; head -c 9 /proc/self/root{secret}"
    assert b"crown" in (await attack("none", line)).output
    assert b"crown" not in (await attack(kind, line)).output


@pytest.mark.parametrize("kind", CAGES)
async def test_reading_etc_shadow(attack: Attack, kind: str) -> None:
    if b"root:" not in (await attack("none", "cat /etc/shadow")).output:
        pytest.skip("this user may not read /etc/shadow anyway")
    assert b"root:" not in (await attack(kind, "cat /etc/shadow")).output


@pytest.mark.parametrize("kind", CAGES)
async def test_writing_outside(attack: Attack, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    line = f"echo x > {outside}/a; mkdir {outside}/b; ln . {outside}/c; cp /bin/true ../outside/d"
    await attack("none", line)
    assert {path.name for path in outside.iterdir()} >= {"a", "b", "d"}
    for path in ("a", "d"):
        (outside / path).unlink()
    (outside / "b").rmdir()
    await attack(kind, line)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("kind", CAGES)
@pytest.mark.parametrize(
    "line",
    ["echo 'gitdir: /evil' > .git", "rm -f .git; mkdir .git; touch .git/config", "mv .git away; echo evil > .git",
     "echo evil > new; mv -f new .git"],
)  # fmt: skip
async def test_pointing_git_elsewhere(attack: Attack, worktree: Path, kind: str, line: str) -> None:
    before = (worktree / ".git").read_text()
    await attack("none", line)
    assert (worktree / ".git").is_dir() or (worktree / ".git").read_text() != before
    await asyncio.to_thread(_git_file_again, worktree, before)
    await attack(kind, line)
    assert (worktree / ".git").read_text() == before


def _git_file_again(worktree: Path, content: str) -> None:
    if (worktree / ".git").is_dir():
        (worktree / ".git" / "config").unlink()
        (worktree / ".git").rmdir()
    (worktree / ".git").write_text(content)


@pytest.mark.parametrize("kind", CAGES)
async def test_tampering_with_the_mirror(tmp_path: Path, worktree: Path, kind: str) -> None:
    mirror = tmp_path / "mirror.git"
    mirror.mkdir()
    (mirror / "config").write_text("[core]\n")
    line = f"cat {mirror}/config && echo evil >> {mirror}/config; mkdir {mirror}/hooks"

    async def run(which: str) -> Completed:
        cage = make_cage(which, worktree, tmp_path / "tmp", git_dir=mirror)
        return await run_caged(["bash", "-c", line], cwd=worktree, cage=cage, limits=CageLimits(seconds=20))

    await run("none")
    assert (mirror / "hooks").is_dir()
    (mirror / "hooks").rmdir()
    (mirror / "config").write_text("[core]\n")
    assert b"[core]" in (await run(kind)).output, "git's data may be read"
    assert (mirror / "config").read_text() == "[core]\n"
    assert not (mirror / "hooks").exists()


@pytest.mark.parametrize("kind", CAGES)
async def test_connecting_out_by_tcp(attack: Attack, kind: str) -> None:
    with listening(socket.SOCK_STREAM) as (port, got):
        line = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo hello >&3"
        await attack("none", line)
        wait_for("the bare connection", 40, lambda: got)
        got.clear()
        await attack(kind, line)
        await asyncio.sleep(0.2)
        assert not got


@pytest.mark.parametrize("kind", CAGES)
async def test_sending_out_by_udp(attack: Attack, kind: str) -> None:
    with listening(socket.SOCK_DGRAM) as (port, got):
        line = f"echo hello > /dev/udp/127.0.0.1/{port}"
        await attack("none", line)
        wait_for("the bare datagram", 40, lambda: got)
        got.clear()
        await attack(kind, line)
        await asyncio.sleep(0.2)
        assert not got


@pytest.mark.parametrize("kind", CAGES)
async def test_reaching_a_socket_file_or_an_abstract_name(attack: Attack, tmp_path: Path, kind: str) -> None:
    for address in (str(tmp_path / "docker.sock"), f"\0wfhub-test-{tmp_path.name}"):
        with listening(socket.SOCK_STREAM, address) as (_, got):
            shown = address.replace("\0", "\\0")
            line = python(f'import socket; s = socket.socket(1); s.connect("{shown}"); s.send(b"hello")')
            await attack("none", line)
            wait_for("the bare connection", 40, lambda got=got: got)
            got.clear()
            await attack(kind, line)
            await asyncio.sleep(0.2)
            assert not got


@pytest.mark.parametrize("kind", CAGES)
async def test_signalling_a_process_outside(attack: Attack, kind: str) -> None:
    victim = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        await attack(kind, f"kill -9 {victim.pid}")
        await asyncio.sleep(0.1)
        assert alive(victim.pid)
        await attack("none", f"kill -9 {victim.pid}")
        wait_for("the bare kill", 40, lambda: not alive(victim.pid))
    finally:
        if victim.returncode is None and alive(victim.pid):
            victim.kill()
        await victim.wait()


@pytest.mark.parametrize("kind", ["none", *CAGES])
async def test_what_it_leaves_behind_is_ended(attack: Attack, worktree: Path, kind: str) -> None:
    ticks = "while :; do date >> tick; sleep 0.05; done"
    line = f"(setsid bash -c '{ticks}' &) ; until [ -s tick ]; do sleep 0.05; done; exit 3"
    done = await attack(kind, line)
    assert done.exit_code == 3
    size = (worktree / "tick").stat().st_size
    assert size > 0, "the background loop ran"
    await asyncio.sleep(0.4)
    assert (worktree / "tick").stat().st_size == size


@pytest.mark.parametrize("kind", CAGES)
async def test_a_fork_bomb_is_bounded(tmp_path: Path, worktree: Path, kind: str) -> None:
    code = """
import os, time
count = 0
try:
    while count < 200:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        count += 1
except OSError:
    pass
print(count, flush=True)
os._exit(0)
"""

    async def started(processes: int) -> int:
        cage = make_cage(kind, worktree, tmp_path / "tmp")
        limits = CageLimits(seconds=20, processes=processes)
        done = await run_caged(["python3", "-c", code], cwd=worktree, cage=cage, limits=limits)
        return 0 if done.stopped_by == "processes" else int(done.text)

    assert await started(400) == 200, "with room for them, they start"
    assert await started(40) <= 40


@pytest.mark.parametrize("kind", ["none", *CAGES])
async def test_memory_and_file_limits(attack: Attack, worktree: Path, kind: str) -> None:
    run = attack
    limits = CageLimits(seconds=20, memory_bytes=200 * 2**20, file_bytes=2**20)
    hungry = python("b = bytearray(600 * 2**20); print(len(b))")
    roomy = await run(kind, hungry)
    assert roomy.exit_code == 0, roomy.text
    assert (await run(kind, hungry, limits=limits)).exit_code != 0
    await run(kind, "head -c 5000000 /dev/zero > big", limits=limits)
    assert (worktree / "big").stat().st_size <= 2**20


@pytest.mark.parametrize("kind", ["none", *CAGES])
async def test_time_limit_ends_grandchildren(attack: Attack, worktree: Path, kind: str) -> None:
    line = "(setsid sleep 71.5 &); sleep 60"
    done = await attack(kind, line, limits=CageLimits(seconds=0.7))
    assert done.timed_out
    assert done.seconds < 10
    listed = await asyncio.create_subprocess_exec("ps", "-eo", "args", stdout=asyncio.subprocess.PIPE)
    assert b"sleep 71.5" not in (await listed.communicate())[0].splitlines()


@pytest.mark.parametrize("kind", CAGES)
async def test_ordinary_work_goes_on(attack: Attack, worktree: Path, kind: str) -> None:
    line = (
        "mkdir -p a/b && echo one > a/b/f && mv a/b/f a/g && ln -s g a/h && cat a/h && rm -r a/b && "
        "echo $HOME | grep -q / && touch $TMPDIR/x && test -z \"$SECRET\" && python3 -c 'import ssl, json; print(2)'"
    )
    done = await attack(kind, line)
    assert (done.exit_code, done.text.split()) == (0, ["one", "2"]), done.text
    assert (worktree / "a" / "g").read_text() == "one\n"


@pytest.mark.parametrize("kind", ["bubblewrap", "landlock"])
async def test_servers_within_the_cage_work(attack: Attack, kind: str) -> None:
    code = (
        'import socket, multiprocessing; s = socket.create_server(("127.0.0.1", 0)); '
        'c = socket.create_connection(s.getsockname()); multiprocessing.Lock(); print("served")'
    )
    done = await attack(kind, python(code))
    assert done.text.strip() == "served", done.text


async def test_output_is_bounded_and_says_so(attack: Attack) -> None:
    done = await attack("none", "seq 100000", limits=CageLimits(seconds=20, output_bytes=2000))
    assert done.truncated
    assert len(done.output) < 2100
    assert done.output.startswith(b"1\n2\n") and done.output.endswith(b"100000\n") and b"bytes cut" in done.output
    flood = await attack("none", "yes", limits=CageLimits(seconds=20, output_bytes=2000))
    assert flood.stopped_by == "output_limit"


async def test_a_command_that_does_not_exist(attack: Attack, worktree: Path, tmp_path: Path) -> None:
    cage = make_cage("none", worktree, tmp_path / "tmp")
    done = await run_caged(["no-such-program"], cwd=worktree, cage=cage, limits=CageLimits(seconds=5))
    assert done.exit_code == 127
    assert b"no-such-program" in done.output
