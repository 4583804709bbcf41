"""What is known of a process from outside, on real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from services.stack.processes import identify

# Threads and memory make an end take a while.
SLOW_TO_END = """
import threading, time
ballast = bytearray(50_000_000)
for _ in range(4):
    threading.Thread(target=time.sleep, args=(60,)).start()
print("up", flush=True)
while True:
    open("/dev/null", "w").write("x" * 100_000)
"""


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLOW_TO_END], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_running_process_is_not_doomed(child: subprocess.Popen[bytes]) -> None:
    process = identify(child.pid)
    assert process.alive()
    assert not process.doomed()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells it on Linux only")
@pytest.mark.parametrize("_", range(10))
def test_a_killed_process_counts_as_gone_from_the_moment_of_the_kill(_: int, child: subprocess.Popen[bytes]) -> None:
    process = identify(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    assert process.doomed() or not process.alive()
